import type { BlockDelta, BlockStart, CloseEvent, ReplyEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { approximateEvent, loseEvent } from '../../shared/translation/lose-event.ts'
import { isOwn } from './own.ts'
import { closingWords } from './stop-reasons.ts'

/** The events of all choices on their way to the wire, of a body as of a stream: texts, and why they ended. */
export class TextWriter {
  readonly #losses: Losses
  /** Whether a block, by choice and number, is thought or text; what is neither is left out. */
  readonly #members = new Map<string, 'text' | 'reasoning'>()
  #choices = new Map<number, Choice>()
  /**
   * Why each choice of a stream ended, where another dialect told it: that its answer is whole is known only when the stream has
   * ended (behaviour.md E2).
   */
  readonly endings: JsonObject[] = []

  constructor(losses: Losses) {
    this.#losses = losses
  }

  take(event: Exclude<ReplyEvent, { kind: 'open' | 'usage' | 'ping' }>): void {
    switch (event.kind) {
      case 'block-start':
        return this.#start(event)
      case 'block-delta':
        return this.#delta(event)
      case 'close':
        return this.#close(event)
      case 'block-end':
    }
  }

  /** What the choices of a stream have to say since the last time. An ending that another dialect told waits in `endings`. */
  toldSoFar(): readonly JsonObject[] {
    for (const [index, choice] of this.#choices) {
      if (!choice.isForeign) continue
      this.endings.push({ text: '', index, logprobs: null, ...choice.closing })
      choice.closing = undefined
      if (choice.text === '' && choice.reasoning === '') this.#choices.delete(index)
    }
    return this.told()
  }

  /** What the choices have to say since the last time, in their order. */
  told(): readonly JsonObject[] {
    const choices = [...this.#choices].toSorted(([one], [other]) => one - other)
    this.#choices = new Map()
    return choices.map(([index, { text, reasoning, logprobs, closing }]) => ({
      text,
      ...(reasoning !== '' && { reasoning }),
      index,
      logprobs,
      ...(closing ?? { finish_reason: null }),
    }))
  }

  #start(event: BlockStart): void {
    const { content } = event
    if (!isOwn(event)) this.#losses.account(event, ['kind', 'choice', 'block', 'content'])
    switch (content.kind) {
      case 'refusal':
        approximateEvent(event, this.#losses, 'it is told as the text')
        return this.#place(event, 'text')
      case 'text':
      // Of sound, what was said in it.
      case 'audio':
        return this.#place(event, 'text')
      case 'thought':
        return this.#place(event, 'reasoning')
      default:
        return loseEvent(event, this.#losses, `a completion has no word for ${content.kind}`)
    }
  }

  #delta(event: BlockDelta): void {
    const { delta } = event
    if (!isOwn(event)) this.#losses.account(event, ['kind', 'choice', 'block', 'delta'])
    const member = this.#members.get(keyOf(event))
    if (delta.kind === 'text' && member !== undefined) this.#choice(event.choice)[member] += delta.text
    else if (delta.kind === 'logprobs' && isOwn(event)) this.#choice(event.choice).logprobs = delta.logprobs
    else loseEvent(event, this.#losses, `a completion has no word for ${delta.kind}`)
  }

  #close(event: CloseEvent): void {
    if (!isOwn(event)) this.#losses.account(event, ['kind', 'choice', 'reason', 'nativeReason', 'stopSequence'])
    const choice = this.#choice(event.choice)
    choice.closing = closingWords(event, this.#losses)
    choice.isForeign = !isOwn(event)
  }

  #place(event: BlockStart, member: 'text' | 'reasoning'): void {
    this.#members.set(keyOf(event), member)
    this.#choice(event.choice)
  }

  #choice(index: number): Choice {
    const known = this.#choices.get(index)
    if (known) return known
    const choice: Choice = { text: '', reasoning: '', logprobs: null, closing: undefined, isForeign: false }
    this.#choices.set(index, choice)
    return choice
  }
}

interface Choice {
  text: string
  reasoning: string
  logprobs: Json
  closing: JsonObject | undefined
  /** Its ending was told in another dialect. */
  isForeign: boolean
}

function keyOf({ choice, block }: BlockStart | BlockDelta): string {
  return `${choice}/${block}`
}
