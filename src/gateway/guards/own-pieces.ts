import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import { withoutInjections } from '../../policies/guardrails/guard-across.ts'
import { editsOf, judgeText } from '../../policies/guardrails/judge-text.ts'
import type { Text } from '../../policies/guardrails/texts.ts'
import type { AnswerRules } from './guard-input.ts'
import { lookingAt } from './look-at-answer.ts'

/** How much is kept of a text, in UTF-16 units: what begins before it is found in no later piece. */
const keptLength = 256
/** So many texts are kept at once. */
const mostKept = 2_000

/**
 * Texts that come beside the events of a stream, a piece in each frame. The first piece may have been shown before the next one tells what
 * it began: from there on the text is left out. One for each stream.
 */
export class OwnPieces {
  readonly #looking: ReturnType<typeof lookingAt>
  readonly #kept = new Map<string, KeptText>()

  constructor(answer: AnswerRules) {
    this.#looking = lookingAt(answer)
  }

  /**
   * Takes the next piece.
   * @param key what it belongs to.
   * @param isSaid the events of its frame say it too, and have been looked at. Where all pieces are so, the text is.
   * @returns whether it may be shown after those before.
   * @throws GatewayError `guardrail_blocked`.
   */
  isClean(key: string, piece: Text, isSaid: boolean): boolean {
    const kept = this.#kept.get(key) ?? { end: '', isSaid: true, isLeftOut: false }
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    if (this.#kept.size > mostKept) for (const [oldest] of this.#kept.entries().take(1)) this.#kept.delete(oldest)
    if (!isSaid) kept.isSaid = false
    if (!kept.isSaid && !kept.isLeftOut && this.#isFoundOver(kept.end, piece)) kept.isLeftOut = true
    kept.end = (kept.end + piece.text).slice(-keptLength)
    return !kept.isLeftOut
  }

  /** Its last piece is not shown, and what was found may go on in the next. */
  leaveOut(key: string): void {
    const kept = this.#kept.get(key)
    if (kept) kept.isLeftOut = true
  }

  #isFoundOver(before: string, { place, path, text }: Text): boolean {
    if (before === '') return false
    const seam = before.length
    const seen = judgeText(this.#looking.rulesAt(place).map(withoutInjections), before + text).filter(
      ({ start, end }) => start < seam && seam < end,
    )
    if (seen.length === 0) return false
    this.#looking.note(seen, place, path)
    return editsOf(seen).length > 0
  }
}

/**
 * What a text of a frame is a piece of: `undefined` where it stands in no object that tells what is new.
 * @param wire the frame.
 */
export function keyOfPiece(wire: JsonObject, path: string): string | undefined {
  if (!/\bdelta\./.test(path)) return undefined
  const { type = '', output_index: item = '', index = '' } = wire
  return `${String(type)} ${String(item)} ${String(index)} ${pathByIndex(wire, path)}`
}

/** With the index that an element tells of itself: where it stands in a frame says nothing of the next frame. */
export function pathByIndex(wire: JsonObject, path: string): string {
  let at: Json = wire
  return path.replaceAll(/[^.[\]]+/g, (name) => {
    if (isJsonObject(at)) {
      at = at[name] ?? null
      return name
    }
    at = Array.isArray(at) ? ((at as readonly Json[])[Number(name)] ?? null) : null
    const index = isJsonObject(at) ? at['index'] : undefined
    return typeof index === 'number' ? String(index) : name
  })
}

interface KeptText {
  end: string
  isSaid: boolean
  isLeftOut: boolean
}
