import type { HeardFrame } from '../../canonical/event.ts'
import type { JsonObject } from '../../canonical/json.ts'
import { placeInAnswer } from '../../policies/guardrails/answer-places.ts'
import { Losses } from '../../canonical/loss.ts'
import { wantedEdits, writtenAnew } from '../../policies/guardrails/external/apply-verdicts.ts'
import type { AskedRule } from '../../policies/guardrails/external/verdict.ts'
import { writerOf } from '../../policies/guardrails/guard-text.ts'
import type { Edit } from '../../policies/guardrails/judge-text.ts'
import { Masks } from '../../policies/guardrails/masks.ts'
import { replaceInAnswer } from '../../policies/guardrails/replace-in-answer.ts'
import { textsOf } from '../../policies/guardrails/texts.ts'
import { leftOf, putTogether } from '../../policies/guardrails/texts-across.ts'
import type { SaidUse } from '../said-use.ts'
import type { GuardsElsewhere } from './ask-guards.ts'
import { asAsked, sees } from './ask-input.ts'
import { guardWhole, StreamGuard } from './guard-answer.ts'
import type { AnswerRules } from './guard-input.ts'

/** Rules of here and elsewhere, both of which look at an answer. */
export interface AskingRules extends AnswerRules {
  readonly elsewhere: { readonly rules: readonly AskedRule[]; readonly guards: Pick<GuardsElsewhere, 'ask'> }
}

/** The two halves of a translated stream, between which guards elsewhere are asked. */
export interface StreamHalves {
  /** One frame of the provider's, as rules of here leave it. */
  hear(event: string, data: Buffer): readonly HeardFrame[]
  /** What was still due when the provider's last frame came. */
  due(said: SaidUse): readonly HeardFrame[]
  /** Whether the client puts texts together (`ChatTranslation.joinsTexts`). */
  readonly joinsTexts: boolean
  /** In the client's words. `undefined`: it says nothing in them. */
  word(frame: HeardFrame): Buffer | undefined
  /** The client's ending. */
  end(): Buffer
}

/** How a whole answer is put into the client's words. */
export interface WholeWording {
  whole(body: JsonObject, said: SaidUse): Buffer
  text(body: Buffer): Buffer
}

/** What rules of here look at first. What was masked in the call stays so: guards elsewhere do not see it. */
export function rulesOfHere({ rules, notes }: AnswerRules): AnswerRules {
  return { rules, notes, masks: new Masks() }
}

/** An answer that guards elsewhere are asked about, after the rules of here and before its client sees it. */
export class AskedAnswer {
  readonly guard: AskingRules
  /** What had to be left out beside a text that was changed. */
  readonly losses = new Losses()
  readonly #wording: WholeWording
  readonly #halves: StreamHalves | undefined
  /** What was masked in the call, written back as it was: of a whole answer, and of a stream. */
  readonly #restoring: AnswerRules
  readonly #restoringStream: StreamGuard | undefined
  #heard: HeardFrame[] = []

  constructor(guard: AskingRules, wording: WholeWording, halves: StreamHalves | undefined) {
    this.guard = guard
    this.#wording = wording
    this.#halves = halves
    this.#restoring = { rules: [], masks: guard.masks, notes: guard.notes }
    this.#restoringStream = guard.masks.isEmpty
      ? undefined
      : new StreamGuard(this.#restoring, new Losses(), halves?.joinsTexts)
  }

  /** @throws GatewayError `guardrail_blocked`. */
  async whole(body: JsonObject, said: SaidUse, ending: AbortSignal): Promise<Buffer> {
    return this.#wording.whole(await this.#judged(body, ending), said)
  }

  /** An answer that is plain text. @throws GatewayError `guardrail_blocked`. */
  async text(body: Buffer, ending: AbortSignal): Promise<Buffer> {
    const { text } = await this.#judged({ text: body.toString('utf8') }, ending)
    return this.#wording.text(typeof text === 'string' ? Buffer.from(text) : body)
  }

  /** Takes the next frame of a stream. It waits in `take`. */
  hear(event: string, data: Buffer): void {
    if (!this.#halves) throw new Error('a stream waits for guards elsewhere that has no canonical words')
    this.#heard.push(...this.#halves.hear(event, data))
  }

  /** The provider's last frame has come. */
  heardAll(said: SaidUse): void {
    if (this.#halves) this.#heard.push(...this.#halves.due(said))
  }

  /** What of a stream has come since this was last called. */
  take(): readonly HeardFrame[] {
    const taken = this.#heard
    this.#heard = []
    return taken
  }

  /** A frame that may be shown, in the client's words. */
  word(frame: HeardFrame): Buffer | undefined {
    return this.#halves?.word(this.#restoringStream?.frame(frame) ?? frame)
  }

  end(): Buffer {
    return this.#halves?.end() ?? Buffer.alloc(0)
  }

  async #judged(body: JsonObject, ending: AbortSignal): Promise<JsonObject> {
    const { rules, notes, masks, elsewhere } = this.guard
    const here = guardWhole(body, rulesOfHere(this.guard), this.losses)
    const texts = textsOf(here, placeInAnswer).map(asAsked)
    for (const text of texts)
      if (sees(elsewhere.rules, text) && !sees(rules, text)) notes.scanned.output += text.text.length
    const { together, partsOf } = putTogether(texts)
    const verdicts = await elsewhere.guards.ask(elsewhere.rules, together, 'output', ending)
    const written = new Map<string, string>()
    for (const [text, wanted] of wantedEdits(verdicts, 'output', notes)) {
      const write = (edit: Edit) => writerOf(masks)(edit, text.text.slice(edit.start, edit.end))
      for (const part of partsOf.get(text) ?? []) written.set(part.text.path, leftOf(part, wanted.edits, write))
      if (!partsOf.has(text)) written.set(text.path, writtenAnew(text, wanted, 'output', masks))
    }
    const judged = replaceInAnswer(here, written, this.losses)
    return guardWhole(judged, this.#restoring, this.losses)
  }
}
