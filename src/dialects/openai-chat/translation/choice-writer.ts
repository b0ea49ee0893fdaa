import type {
  BlockDelta,
  BlockEnd,
  BlockOpening,
  BlockStart,
  CloseEvent,
  ReplyEvent,
} from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf } from '../../../canonical/origin.ts'
import { ArgumentsInput, notOneInputWhy } from '../../vendors/openai/custom-tools.ts'
import { approximateEvent, loseEvent } from '../../shared/translation/lose-event.ts'
import { accountForEvent } from './answer-losses.ts'
import { closingWords } from './stop-reasons.ts'
import { PieceDraft } from './piece-draft.ts'
import { isOwn } from './own.ts'

/** What a choice has to say since it was last asked: a piece of the message, and how it ended, if it did. */
export interface ChoicePiece {
  readonly piece: JsonObject
  readonly logprobs: JsonObject | undefined
  readonly closing: JsonObject | undefined
}

/** The events of one choice on their way to the wire, of a body as of a stream. */
export class ChoiceWriter {
  readonly #losses: Losses
  readonly #customTools: ReadonlySet<string>
  readonly #blocks: Map<number, WrittenBlock>
  #draft = new PieceDraft()
  #closing: JsonObject | undefined
  #thoughts: number

  /** @param customTools names of the call's custom tools. */
  constructor(losses: Losses, customTools: ReadonlySet<string>, from?: ChoiceWriter) {
    this.#losses = losses
    this.#customTools = customTools
    this.#blocks = new Map(from ? [...from.#blocks].map(([block, one]) => [block, { ...one }]) : [])
    this.#thoughts = from ? from.#thoughts : 0
  }

  take(event: Exclude<ReplyEvent, { kind: 'open' | 'usage' | 'ping' }>): void {
    accountForEvent(event, this.#losses)
    switch (event.kind) {
      case 'block-start':
        return this.#start(event)
      case 'block-delta':
        return this.#delta(event)
      case 'block-end':
        return this.#end(event)
      case 'close':
        return this.#close(event)
    }
  }

  /** Everything since the last time. */
  told(): ChoicePiece {
    const { piece, logprobs } = this.#draft
    const closing = this.#closing
    this.#draft = new PieceDraft()
    this.#closing = undefined
    return { piece, logprobs, closing }
  }

  #start(event: BlockStart): void {
    const { content, block } = event
    const written: WrittenBlock = { kind: content.kind, place: 0, isCall: false, hasArguments: false }
    this.#blocks.set(block, written)
    switch (content.kind) {
      case 'thought':
        written.place = this.#thoughts++
        return
      case 'redacted-thought':
        written.place = this.#thoughts++
        return this.#draft.addThought(written.place, { data: content.data })
      case 'tool-use':
        this.#placeCall(event, written)
        if (this.#customTools.has(content.name) && !isOwn(event)) return this.#openCustom(event, content, written)
        return this.#draft.openCall(written.place, content.id, content.name, content.signature)
      case 'image':
        return this.#draft.addTo('images', { type: 'image_url', image_url: { url: content.url } })
      case 'opaque': {
        const member = isOwn(event) ? memberOfPlace(event) : undefined
        if (member === undefined)
          return loseEvent(event, this.#losses, `only its own dialect has a word for ${content.type}`)
        if (member === 'tool_calls') this.#placeCall(event, written)
        return this.#draft.addTo(member, content.wire)
      }
      case 'audio':
        return this.#openAudio(event)
      default:
    }
  }

  /** By the index that its provider gave it, which later pieces have too: one that is taken, or none, is the next one. */
  #placeCall(event: BlockStart, written: WrittenBlock): void {
    const wire = isOwn(event) ? originOf(event)?.wire : undefined
    const said = isJsonObject(wire) ? wire['index'] : undefined
    let next = 0
    let isTaken = false
    for (const { isCall, place } of this.#blocks.values()) {
      if (!isCall) continue
      next = Math.max(next, place + 1)
      isTaken ||= place === said
    }
    written.place = typeof said === 'number' && Number.isSafeInteger(said) && said >= 0 && !isTaken ? said : next
    written.isCall = true
  }

  /** Its id comes with the first piece alone, of which nothing else may be told yet. */
  #openAudio(event: BlockStart): void {
    const wire = isOwn(event) ? originOf(event)?.wire : undefined
    const id = isJsonObject(wire) ? wire['id'] : undefined
    if (typeof id === 'string') this.#draft.openAudio(id)
  }

  #delta(event: BlockDelta): void {
    const { delta } = event
    const block = this.#blocks.get(event.block) ?? { kind: 'text', place: 0, isCall: false, hasArguments: false }
    switch (delta.kind) {
      case 'text':
        return this.#text(block, delta.text)
      case 'arguments':
        block.hasArguments = true
        if (block.custom) return this.#draft.addInput(block.place, block.custom.input.add(delta.text))
        return this.#draft.addArguments(block.place, delta.text)
      case 'signature':
        if (block.kind === 'thought') return this.#draft.addThought(block.place, { signature: delta.signature })
        return loseEvent(event, this.#losses, 'this dialect signs thoughts only')
      case 'citation':
        if (isOwn(event) && isJsonObject(delta.citation)) return this.#draft.addTo('annotations', delta.citation)
        return loseEvent(event, this.#losses, 'a citation in the wording of another dialect')
      case 'logprobs':
        if (isJsonObject(delta.logprobs) && isOwn(event)) return this.#draft.addOdds(delta.logprobs)
        return loseEvent(event, this.#losses, 'odds in the wording of another dialect')
      case 'audio':
        return this.#draft.addAudio({ data: delta.base64 })
      case 'opaque':
        if (isOwn(event) && isJsonObject(delta.wire)) return this.#addAsItCame(delta.wire)
        return loseEvent(event, this.#losses, 'only its own dialect has a word for it')
    }
  }

  #text(block: WrittenBlock, text: string): void {
    if (block.kind === 'thought') this.#draft.addThought(block.place, { text })
    else if (block.kind === 'audio') this.#draft.addAudio({ transcript: text })
    else this.#draft.addText(block.kind === 'refusal' ? 'refusal' : 'content', text)
  }

  #addAsItCame(wire: JsonObject): void {
    for (const [member, list] of Object.entries(wire))
      for (const one of Array.isArray(list) ? list : []) if (isJsonObject(one)) this.#draft.addTo(member, one)
  }

  /** Empty arguments are `{}` (behaviour.md E1). */
  #end({ block }: BlockEnd): void {
    const written = this.#blocks.get(block)
    if (written?.custom) return this.#endCustom(written.custom, written.place)
    if (written?.kind === 'tool-use' && !written.hasArguments) this.#draft.addArguments(written.place, '{}')
  }

  /** A call of a custom tool, which the provider told as one of a function. */
  #openCustom(start: BlockStart, { id, name, signature }: ToolUseOpening, written: WrittenBlock): void {
    written.custom = { start, input: new ArgumentsInput() }
    if (signature !== undefined) approximateEvent(start, this.#losses, 'a call of a custom tool has no signature')
    this.#draft.openCustom(written.place, id, name)
  }

  #endCustom({ start, input }: OpenCustom, place: number): void {
    const { input: held, isExact } = input.end()
    if (!isExact) approximateEvent(start, this.#losses, notOneInputWhy)
    this.#draft.addInput(place, held)
  }

  #close(event: CloseEvent): void {
    this.#closing = closingWords(event, this.#losses)
  }
}

interface WrittenBlock {
  readonly kind: BlockStart['content']['kind']
  /** Its index among the calls, or among the entries of thoughts. */
  place: number
  /** Of a tool, also of a custom one. */
  isCall: boolean
  hasArguments: boolean
  custom?: OpenCustom
}

interface OpenCustom {
  readonly start: BlockStart
  readonly input: ArgumentsInput
}

type ToolUseOpening = Extract<BlockOpening, { kind: 'tool-use' }>

/** The list that an opaque block of this dialect came in, and goes back to. */
function memberOfPlace(event: BlockStart): string | undefined {
  return /\.message\.(tool_calls|reasoning_details|images)\[\d+\]$/.exec(originOf(event)?.path ?? '')?.[1]
}
