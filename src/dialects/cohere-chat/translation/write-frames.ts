import type {
  BlockDelta,
  BlockStart,
  CloseEvent,
  HeardFrame,
  OpenEvent,
  ReplyEvent,
  UsageEvent,
} from '../../../canonical/event.ts'
import { GatewayError } from '../../../canonical/error.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { writeSse } from '../../../wire/sse-write.ts'
import { mostWaitingCharacters } from '../../shared/translation/block-queue.ts'
import { approximateEvent, loseEvent } from '../../shared/translation/lose-event.ts'
import type { AnswerSettings, FrameWriter } from '../../translation.ts'
import { UntouchedFrames, type UntouchedFrame } from '../../shared/translation/untouched-frames.ts'
import { loseChoice } from '../../shared/translation/lose-event.ts'
import { accountForEvent, oneAnswer } from './answer-losses.ts'
import { approximationOf, obstacleTo, openingWords, type Kept } from './answer-words.ts'
import { writeReason } from './finish-reasons.ts'
import { dialectName, isOwn } from './own.ts'
import { usageWords } from './usage-words.ts'

export function openFrames(losses: Losses, settings: AnswerSettings): FrameWriter {
  return new ChatFrameWriter(losses, settings)
}

/**
 * Tells one answer as a stream. Frames of our own that nobody touched go out as they came; from the first that must be written anew
 * on, all others follow from it.
 */
class ChatFrameWriter implements FrameWriter {
  readonly #losses: Losses
  readonly #settings: AnswerSettings
  readonly #untouched: UntouchedFrames
  readonly #blocks = new Map<number, OpenBlock>()
  /** Calls that are open, in the order of their starts. The first one is told; its readers know of no other meanwhile. */
  readonly #calls: OpenBlock[] = []
  readonly #counts = { content: 0, calls: 0, citations: 0 }
  #hasBegun = false
  #endsInCall = false
  #waitingCharacters = 0
  #usage: UsageEvent | undefined
  #close: CloseEvent | undefined
  /** Our own last frames, held until the ending. */
  #ending: string | undefined

  constructor(losses: Losses, settings: AnswerSettings) {
    this.#losses = losses
    this.#settings = settings
    this.#untouched = new UntouchedFrames(dialectName, losses)
  }

  write(frame: HeardFrame): string {
    const own = this.#untouched.next(frame)
    const losses = this.#untouched.lossesOf(own)
    let text = ''
    for (const event of frame.events) text += this.#tell(event, losses, own !== undefined)
    return own === undefined ? text : this.#pass(own)
  }

  end(): string {
    if (this.#untouched.isUnbroken && this.#ending !== undefined) return this.#ending
    const begun = this.#begin(undefined)
    const rest = [...this.#blocks.keys()].map((place) => this.#end(place)).join('')
    const delta = {
      finish_reason: writeReason(this.#close, this.#endsInCall, this.#losses),
      ...(this.#usage && { usage: usageWords(this.#usage.usage) }),
    }
    return `${begun}${rest}${frameText('message-end', { delta })}data: [DONE]\n\n`
  }

  #pass({ data, text }: UntouchedFrame): string {
    const isLast = data === '[DONE]' || (isJsonObject(data) && data['type'] === 'message-end')
    if (isLast) {
      this.#ending = (this.#ending ?? '') + text
      return ''
    }
    const held = this.#ending ?? ''
    this.#ending = undefined
    return held + text
  }

  /** @param isTold whether it stands on the wire already, in a frame that goes out as it came. */
  #tell(event: ReplyEvent, losses: Losses, isTold: boolean): string {
    if (event.kind === 'ping') return ''
    if (event.kind !== 'open' && event.kind !== 'usage' && event.choice !== 0) {
      loseChoice(event, losses, oneAnswer)
      return ''
    }
    accountForEvent(event, losses)
    switch (event.kind) {
      case 'open':
        return this.#begin(event)
      case 'usage':
        this.#usage = event
        return ''
      case 'close':
        this.#close ??= event
        return ''
      case 'block-start':
        return this.#begin(undefined) + this.#start(event, losses, isTold)
      case 'block-delta':
        return this.#add(event, losses)
      case 'block-end':
        return this.#end(event.block)
    }
  }

  #begin(open: OpenEvent | undefined): string {
    if (this.#hasBegun) return ''
    this.#hasBegun = true
    const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }
    return frameText('message-start', { delta: { message } }, open?.id ?? this.#settings.requestId)
  }

  #start(event: BlockStart, losses: Losses, isTold: boolean): string {
    this.#endsInCall = event.content.kind === 'tool-use'
    const kept = openingWords(event, this.#settings.requestId)
    if (typeof kept === 'string') {
      loseEvent(event, losses, kept)
      return ''
    }
    const why = approximationOf(event.content)
    if (why !== undefined) approximateEvent(event, losses, why)
    const { kind } = event.content
    const block: OpenBlock = {
      kept,
      isThought: kind === 'thought',
      index: undefined,
      waiting: '',
      hasEnded: false,
      hasArguments: kind === 'opaque',
    }
    this.#blocks.set(event.block, block)
    if (kept.in === 'calls' && this.#calls.push(block) > 1) return ''
    // A text or a thought is opened by what it says: an empty one says nothing.
    return isTold || kept.in === 'calls' || kind === 'opaque' ? this.#openFrame(block) : ''
  }

  #add(event: BlockDelta, losses: Losses): string {
    const block = this.#blocks.get(event.block)
    if (block === undefined) return ''
    const { delta } = event
    const obstacle = obstacleTo(delta, isOwn(event))
    if (obstacle !== undefined) {
      loseEvent(event, losses, obstacle)
      return ''
    }
    switch (delta.kind) {
      case 'text':
        return delta.text === '' ? '' : this.#textFrame(block, delta.text)
      case 'arguments':
        return delta.text === '' ? '' : this.#argumentsFrame(block, delta.text)
      case 'citation':
        return this.#openFrame(block) + this.#citationFrames(delta.citation)
      case 'logprobs': {
        const opened = this.#openFrame(block)
        const said = { delta: { message: { content: { text: '' } } }, logprobs: delta.logprobs }
        return opened + frameText('content-delta', { index: block.index ?? 0, ...said })
      }
      default:
        return ''
    }
  }

  #textFrame(block: OpenBlock, text: string): string {
    if (block.kept.in === 'plan') return frameText('tool-plan-delta', { delta: { message: { tool_plan: text } } })
    const opened = this.#openFrame(block)
    const content = block.isThought ? { thinking: text } : { text }
    return opened + frameText('content-delta', { index: block.index ?? 0, delta: { message: { content } } })
  }

  #argumentsFrame(block: OpenBlock, text: string): string {
    block.hasArguments = true
    if (block.index === undefined) {
      this.#wait(block, text)
      return ''
    }
    const message = { tool_calls: { function: { arguments: text } } }
    return frameText('tool-call-delta', { index: block.index ?? 0, delta: { message } })
  }

  #citationFrames(citation: Json): string {
    const index = this.#counts.citations++
    const opened = frameText('citation-start', { index, delta: { message: { citations: citation } } })
    return opened + frameText('citation-end', { index })
  }

  /** Once a block. A plan has no opening. */
  #openFrame(block: OpenBlock): string {
    const { kept } = block
    if (kept.in === 'plan' || block.index !== undefined) return ''
    block.index = this.#counts[kept.in]++
    const message = kept.in === 'calls' ? { tool_calls: kept.words } : { content: kept.words }
    const type = kept.in === 'calls' ? 'tool-call-start' : 'content-start'
    return frameText(type, { index: block.index, delta: { message } })
  }

  #end(place: number): string {
    const block = this.#blocks.get(place)
    this.#blocks.delete(place)
    if (block?.kept.in === 'content')
      return block.index === undefined ? '' : frameText('content-end', { index: block.index })
    if (block?.kept.in !== 'calls') return ''
    block.hasEnded = true
    let text = ''
    while (this.#calls[0]?.hasEnded) {
      text += this.#endCall(this.#calls[0])
      this.#calls.shift()
      const [next] = this.#calls
      if (!next) break
      text += this.#openFrame(next)
      if (next.waiting !== '') text += this.#argumentsFrame(next, next.waiting)
    }
    if (this.#calls.length <= 1) this.#waitingCharacters = 0
    return text
  }

  #endCall(block: OpenBlock): string {
    const due = block.hasArguments ? '' : this.#argumentsFrame(block, '{}')
    return due + frameText('tool-call-end', { index: block.index ?? 0 })
  }

  #wait(block: OpenBlock, text: string): void {
    block.waiting += text
    this.#waitingCharacters += text.length
    if (this.#waitingCharacters > mostWaitingCharacters)
      throw new GatewayError(
        'upstream_invalid',
        'the provider mixed the parts of its answer beyond what can be put in order',
      )
  }
}

interface OpenBlock {
  readonly kept: Kept
  readonly isThought: boolean
  /** On the wire, among those of its place; `undefined` until it is told. */
  index: number | undefined
  /** Arguments that came before its turn. */
  waiting: string
  hasEnded: boolean
  hasArguments: boolean
}

/** One event of a stream, which says its type twice: as the event's name, and in its data. */
function frameText(type: string, members: JsonObject, id?: string): string {
  return writeSse(type, JSON.stringify({ ...(id !== undefined && { id }), type, ...members }))
}
