import type { BlockOpening, HeardFrame, ReplyEvent } from '../../canonical/event.ts'
import { GatewayError } from '../../canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import type { Losses } from '../../canonical/loss.ts'
import { placeInAnswer } from '../../policies/guardrails/answer-places.ts'
import { textsOf, type Text } from '../../policies/guardrails/texts.ts'
import { guardOne } from './guard-answer.ts'
import type { AnswerRules } from './guard-input.ts'
import { keyOfPiece, OwnPieces, pathByIndex } from './own-pieces.ts'
import { fingerprintOf, SaidTexts } from './said-texts.ts'

/** So much of what has no events is held back until an event tells it whole. Longer is refused: nobody could look at it. */
export const mostHeldBack = { frames: 20_000, length: 1_048_576 } as const
/** So many texts are remembered as looked at: some dialects say them again and again. */
const mostRemembered = 2_000

const nothingSaid: HeardFrame = { events: [], wire: undefined }

/**
 * The frames of a stream that would reach a client of the same dialect word for word. They may say more than their events do, whose
 * texts `StreamGuard` looks at: members that no canonical word carries, texts that are said again whole, and what a provider's own tool
 * is told and answers, in pieces or at once. One for each stream.
 */
export class OwnFrames {
  readonly #answer: AnswerRules
  readonly #losses: Losses
  readonly #said = new SaidTexts()
  readonly #pieces: OwnPieces
  readonly #clean = new Set<string>()
  #held: HeardFrame[] = []
  #heldLength = 0

  constructor(answer: AnswerRules, losses: Losses) {
    this.#answer = answer
    this.#losses = losses
    this.#pieces = new OwnPieces(answer)
  }

  /**
   * @param heard as it came.
   * @param guarded what the rules left of its events: the same frame where they change nothing.
   * @returns what goes on, in order. A frame without events waits for the next one that has some.
   * @throws GatewayError `guardrail_blocked`.
   */
  pass(heard: HeardFrame, guarded: HeardFrame): readonly HeardFrame[] {
    this.#said.add(heard.events)
    // From here on this dialect may tell all by its events, of which what was held may be a part.
    if (guarded !== heard) return [nothingSaid, ...this.#settled(), guarded]
    const own = this.#textsIn(heard)
    const texts = unsaidOf(own)
    if (heard.events.length === 0) {
      if (texts.length === 0 && this.#held.length === 0) return [heard]
      this.#hold(heard, texts)
      return []
    }
    // What keeps a connection warm may come in between.
    if (heard.events.every(({ kind }) => kind === 'ping') && texts.length === 0) return [heard]
    const before = this.#settled()
    return [...before, ...(this.#areClean(own) ? [heard] : this.#anew(heard))]
  }

  /** The stream is over. @returns what is still held back. */
  end(): readonly HeardFrame[] {
    return this.#settled()
  }

  #hold(frame: HeardFrame, texts: readonly Text[]): void {
    this.#held.push(frame)
    this.#heldLength += texts.reduce((sum, { text }) => sum + text.length, 0)
    if (this.#held.length > mostHeldBack.frames || this.#heldLength > mostHeldBack.length)
      throw new GatewayError(
        'guardrail_blocked',
        'the answer holds more of a provider’s own words than can be looked at',
      )
  }

  /** What was held, word for word, if nothing is found in it: piece by piece it may be a text that is told in pieces. */
  #settled(): readonly HeardFrame[] {
    const held = this.#held
    if (held.length === 0) return held
    this.#held = []
    this.#heldLength = 0
    const joined = new Map<string, OwnText>()
    for (const [place, frame] of held.entries())
      for (const own of this.#textsIn(frame)) {
        if (own.isSaid) continue
        const { text } = own
        const key = pieceKeyOf(frame, text) ?? `${place} ${text.path}`
        const before = joined.get(key)
        joined.set(key, before ? { ...before, text: { ...before.text, text: before.text.text + text.text } } : own)
      }
    if (this.#areClean([...joined.values()])) return held
    this.#lose()
    return [nothingSaid]
  }

  /** By its events alone: what else it holds is not for the client. */
  #anew({ events }: HeardFrame): readonly HeardFrame[] {
    this.#lose()
    return [{ events, wire: undefined }]
  }

  #lose(): void {
    this.#losses.note('stream', 'lost', 'a guardrail found something in what only the provider’s own words hold')
  }

  #textsIn(frame: HeardFrame): readonly OwnText[] {
    const wire = wireOf(frame)
    if (!wire) return []
    const inEvents = new Set(frame.events.flatMap(textsOfEvent))
    return textsOf(wire, placeInAnswer)
      .filter(({ text }) => text !== '')
      .map((text) => ({
        text,
        key: keyOfPiece(wire, text.path),
        isSaid: inEvents.has(text.text) || this.#said.has(text.text),
      }))
  }

  #areClean(texts: readonly OwnText[]): boolean {
    let areClean = true
    for (const { text, key, isSaid } of texts) {
      if (key !== undefined && !this.#pieces.isClean(key, text, isSaid)) areClean = false
      if (!isSaid && !this.#isCleanAlone(text)) areClean = false
    }
    if (!areClean) for (const { key, isSaid } of texts) if (key !== undefined && !isSaid) this.#pieces.leaveOut(key)
    return areClean
  }

  #isCleanAlone(text: Text): boolean {
    const id = `${text.place} ${fingerprintOf(text.text)}`
    if (this.#clean.has(id)) return true
    if (guardOne(text, this.#answer) !== text.text) return false
    if (this.#clean.size < mostRemembered) this.#clean.add(id)
    return true
  }
}

/** A text of a frame. */
interface OwnText {
  readonly text: Text
  /** Where it is a piece of a text: of which. */
  readonly key: string | undefined
  /** It is a piece or a repetition of what the events say. */
  readonly isSaid: boolean
}

function unsaidOf(texts: readonly OwnText[]): readonly Text[] {
  return texts.filter(({ isSaid }) => !isSaid).map(({ text }) => text)
}

/** Everything that a frame's events say: `StreamGuard` has looked at it. */
function textsOfEvent(event: ReplyEvent): readonly string[] {
  switch (event.kind) {
    case 'block-start':
      return event.content.kind === 'opaque' ? stringsIn(event.content.wire) : openingTexts(event.content)
    case 'block-delta':
      return Object.values(event.delta).flatMap((value: Json) => stringsIn(value))
    case 'close':
      return [event.stopSequence ?? '', event.nativeReason ?? '']
    case 'open':
    case 'block-end':
    case 'usage':
    case 'ping':
      return []
  }
}

function openingTexts(content: Exclude<BlockOpening, { readonly kind: 'opaque' }>): readonly string[] {
  switch (content.kind) {
    case 'tool-use':
      return [content.name, content.id, content.signature ?? '']
    case 'image':
      return [content.url]
    case 'redacted-thought':
      return [content.data]
    case 'text':
    case 'refusal':
    case 'thought':
    case 'audio':
      return []
  }
}

function stringsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(stringsIn)
}

/** Of a frame that goes back to its own dialect as it came. */
function wireOf({ wire = null }: HeardFrame): JsonObject | undefined {
  if (!isJsonObject(wire)) return undefined
  if (!('event' in wire && 'data' in wire)) return wire
  const { data = null } = wire
  if (typeof data === 'string') return { data }
  return isJsonObject(data) ? data : undefined
}

/** What a piece belongs to, in whichever dialect; `undefined` where the text is no piece. */
function pieceKeyOf(frame: HeardFrame, { path }: Text): string | undefined {
  const wire = wireOf(frame) ?? {}
  const { type = '', output_index: item = '', index = '' } = wire
  const isPiece = path.includes('delta') || (typeof type === 'string' && type.endsWith('delta'))
  return isPiece ? `${String(type)} ${String(item)} ${String(index)} ${pathByIndex(wire, path)}` : undefined
}
