import type { BlockDelta, BlockStart, Delta } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf } from '../../../canonical/origin.ts'
import { markSignature, readMarkedSignature } from '../../shared/translation/signed-elsewhere.ts'
import { approximateEvent, loseEvent } from '../../shared/translation/lose-event.ts'
import { ArgumentsInput, notOneInputWhy } from '../../vendors/openai/custom-tools.ts'
import { isOwn, signatureFormat } from './own.ts'
import { partBreak } from './read-reasoning-item.ts'

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete'

/**
 * @param customTools names of the call's custom tools.
 * @returns `undefined` for a block that cannot be said here, which is lost.
 */
export function beginBlock(
  start: BlockStart,
  fallbackId: string,
  losses: Losses,
  customTools: ReadonlySet<string>,
): AnswerBlock | undefined {
  const { content } = start
  const { kind } = content
  const input = kind === 'tool-use' && !isOwn(start) && customTools.has(content.name) ? new ArgumentsInput() : undefined
  if (kind !== 'image' && (kind !== 'opaque' || isOwn(start))) return new AnswerBlock(start, fallbackId, losses, input)
  loseEvent(start, losses, whyNot(start))
  return undefined
}

/** One block of an answer while it grows: a part of a message, or an item of a response by itself. */
export class AnswerBlock {
  readonly start: BlockStart
  readonly id: string
  readonly #input: ArgumentsInput | undefined
  #hasEnded = false
  readonly #losses: Losses
  #text = ''
  #signature = ''
  #hasSignature = false
  readonly #annotations: Json[] = []
  readonly #odds: Json[] = []
  /** Where in the text the parts of a summary begin, as far as a stream has opened them word for word. */
  readonly #partStarts: number[] = [0]

  /**
   * @param fallbackId for an item that came from elsewhere, or without an id.
   * @param input of a custom tool, whose call the provider told as one of a function.
   */
  constructor(start: BlockStart, fallbackId: string, losses: Losses, input: ArgumentsInput | undefined) {
    this.start = start
    this.#input = input
    this.#losses = losses
    const wire = isOwn(start) ? originOf(start)?.wire : undefined
    const ownId = isJsonObject(wire) ? wire['id'] : undefined
    const prefix = this.isPart ? 'msg' : input ? 'ctc' : prefixes[start.content.kind]
    this.id = typeof ownId === 'string' ? ownId : `${prefix}_${fallbackId}`
    const why = approximationOf(start)
    if (why !== undefined) approximateEvent(start, losses, why)
  }

  /** Whether it is a part of a message. An opaque part lies within one; an opaque item does not. */
  get isPart(): boolean {
    const { kind } = this.start.content
    const isSpoken = kind === 'text' || kind === 'refusal' || kind === 'audio'
    return isSpoken || (kind === 'opaque' && /\.content\[\d+\]$/.test(originOf(this.start)?.path ?? ''))
  }

  /** The item of our own that it came from: `output[2]`. */
  get ownItem(): string | undefined {
    return isOwn(this.start) ? /^output\[\d+\]/.exec(originOf(this.start)?.path ?? '')?.[0] : undefined
  }

  get isCustomCall(): boolean {
    return this.#input !== undefined
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** The text so far: of a message, of a thought, the arguments of a call, or the input of one of a custom tool. */
  get text(): string {
    return this.#text
  }

  /** The texts of the parts of a summary; the last one grows. */
  get summary(): readonly string[] {
    return this.#partStarts.map((start, place) => {
      const text = this.#text.slice(start, this.#partStarts[place + 1])
      return place > 0 && text.startsWith(partBreak) ? text.slice(partBreak.length) : text
    })
  }

  /** A stream of our own has told that another part of its summary begins. */
  beginPart(): void {
    this.#partStarts.push(this.#text.length)
  }

  get annotations(): readonly Json[] {
    return this.#annotations
  }

  get odds(): readonly Json[] {
    return this.#odds
  }

  /** @returns what of the delta can be said here. */
  add(event: BlockDelta): Delta | undefined {
    const { delta } = event
    switch (delta.kind) {
      case 'text':
        this.#text += delta.text
        return delta
      case 'arguments': {
        const text = this.#input?.add(delta.text) ?? delta.text
        this.#text += text
        return { kind: 'arguments', text }
      }
      case 'signature':
        if (this.start.content.kind !== 'thought') return this.#lose(event, 'this dialect signs thoughts only')
        this.#signature += delta.signature
        this.#hasSignature = true
        return delta
      case 'citation':
        if (!isOwn(event)) return this.#lose(event, 'a citation in the wording of another dialect')
        this.#annotations.push(delta.citation)
        return delta
      case 'logprobs':
        if (!isOwn(event) || !Array.isArray(delta.logprobs))
          return this.#lose(event, 'odds in the wording of another dialect')
        this.#odds.push(...delta.logprobs)
        return delta
      case 'audio':
        return this.#lose(event, 'this dialect has no sound')
      case 'opaque':
        return this.#lose(event, 'only its own dialect has a word for it')
    }
  }

  /** @returns what was held back. */
  end(): Delta | undefined {
    if (this.#hasEnded) return undefined
    this.#hasEnded = true
    if (this.#input === undefined) return undefined
    const { input, isExact } = this.#input.end()
    if (!isExact) approximateEvent(this.start, this.#losses, notOneInputWhy)
    this.#text += input
    return { kind: 'arguments', text: input }
  }

  /** As it stands before anything is in it: an item, or a part of a message. */
  opening(): JsonObject {
    const { content } = this.start
    switch (content.kind) {
      case 'tool-use':
        return this.#call('', 'in_progress')
      case 'thought':
      case 'redacted-thought':
        return { id: this.id, type: 'reasoning', summary: [] }
      case 'opaque':
        return content.wire
      case 'refusal':
        return { type: 'refusal', refusal: '' }
      default:
        return { type: 'output_text', annotations: [], logprobs: [], text: '' }
    }
  }

  /** @param status of a call: OpenAI tells none of its thoughts (recorded 2026-02). */
  whole(status: ItemStatus): JsonObject {
    const { content } = this.start
    switch (content.kind) {
      case 'tool-use':
        return this.#call(this.argumentsText, status)
      case 'thought':
        return {
          id: this.id,
          type: 'reasoning',
          summary: this.#text === '' ? [] : this.summary.map((text) => ({ type: 'summary_text', text })),
          ...this.#encrypted(this.#hasSignature ? this.#signature : undefined),
        }
      case 'redacted-thought':
        return { id: this.id, type: 'reasoning', summary: [], ...this.#encrypted(content.data) }
      case 'opaque':
        return content.wire
      case 'refusal':
        return { type: 'refusal', refusal: this.#text }
      default:
        return { type: 'output_text', annotations: this.#annotations, logprobs: this.#odds, text: this.#text }
    }
  }

  /** Empty arguments are `{}` (behaviour.md E1). */
  get argumentsText(): string {
    return this.#text === '' ? '{}' : this.#text
  }

  #call(argumentsText: string, status: ItemStatus): JsonObject {
    const { content } = this.start
    const { id, name } = content.kind === 'tool-use' ? content : { id: '', name: '' }
    // A client needs one to hand a result back.
    const callId = id === '' ? `call_${this.id}` : id
    return this.isCustomCall
      ? { id: this.id, type: 'custom_tool_call', status, call_id: callId, input: this.#text, name }
      : { id: this.id, type: 'function_call', status, arguments: argumentsText, call_id: callId, name }
  }

  /** In this dialect a thought has no signature but its own encryption: whatever else it has is marked as another's. */
  #encrypted(said: string | undefined): JsonObject {
    if (said === undefined)
      return isOwn(this.start) ? {} : { encrypted_content: markSignature({ format: 'unsigned', signature: '' }) }
    const marked = readMarkedSignature(said)
    if (marked === undefined) return { encrypted_content: markSignature({ format: undefined, signature: said }) }
    return { encrypted_content: marked.format === signatureFormat ? marked.signature : said }
  }

  #lose(event: BlockDelta, why: string): undefined {
    loseEvent(event, this.#losses, why)
  }
}

const prefixes = {
  text: 'msg',
  refusal: 'msg',
  audio: 'msg',
  image: 'ig',
  thought: 'rs',
  'redacted-thought': 'rs',
  'tool-use': 'fc',
  opaque: 'item',
} as const

function approximationOf({ content }: BlockStart): string | undefined {
  if (content.kind === 'tool-use' && content.signature !== undefined) return 'the signature of a call has no place here'
  return content.kind === 'audio' ? 'only the transcript of the speech is told' : undefined
}

function whyNot({ content }: BlockStart): string {
  return content.kind === 'opaque'
    ? `only its own dialect has a word for ${content.type}`
    : 'this dialect has no images in answers but those of its own tool'
}
