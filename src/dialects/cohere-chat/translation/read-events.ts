import type { HeardFrame, ReplyEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { frameJson } from '../../shared/frame-json.ts'
import type { EventReader } from '../../translation.ts'
import { BlockTeller } from './block-teller.ts'
import { readClose } from './finish-reasons.ts'
import { dialectName } from './own.ts'
import { noClose, readOpen } from './read-answer.ts'
import { openCall, openContent, planPath } from './read-opening.ts'
import { readUsageEvent } from './usage-words.ts'

export function openEvents(): EventReader {
  return new ChatEventReader()
}

/**
 * Reads the events of one answer. A block ends when the next one begins, since citations may come after its own last event. Errors
 * are the relay's business: they say nothing here.
 */
class ChatEventReader implements EventReader {
  readonly #blocks = new BlockTeller()
  #contents = 0
  #calls = 0
  #citations = 0
  #odds = 0
  #isPlan = false
  #hasBegun = false
  #isClosed = false

  read(event: string, data: Buffer): HeardFrame {
    const said = frameJson(data)
    // A frame goes back with the name it came under, and data that are no JSON as the text they are.
    const wire = said ?? data.toString()
    const events = isJsonObject(said) ? this.#readEvent(event, said) : []
    const kept = { event, data: wire, isText: said === undefined }
    return hear<HeardFrame>(
      { events, wire },
      { dialect: dialectName, wire: kept, path: '', heard: nothing, unheard: [] },
    )
  }

  end(): readonly ReplyEvent[] {
    if (this.#isClosed || !this.#hasBegun) return []
    this.#isClosed = true
    this.#blocks.end()
    return [...this.#blocks.take(), noClose]
  }

  #readEvent(event: string, said: JsonObject): readonly ReplyEvent[] {
    const { type = event, delta, id } = said
    const begun = this.#begin(type === 'message-start' ? said : { id: id ?? null })
    const message = isJsonObject(delta) && isJsonObject(delta['message']) ? delta['message'] : {}
    if (type === 'message-end') return [...begun, ...this.#finish(isJsonObject(delta) ? delta : {})]
    this.#readBlock(type, message, isJsonObject(delta) ? delta : {}, said)
    return [...begun, ...this.#blocks.take()]
  }

  #readBlock(type: Json, message: JsonObject, delta: JsonObject, said: JsonObject): void {
    const { content, tool_plan: plan, tool_calls: call, citations } = message
    switch (type) {
      case 'content-start':
        return this.#openContent(content ?? null)
      case 'content-delta':
        return this.#addContent(isJsonObject(content) ? content : {}, said['logprobs'] ?? delta['logprobs'])
      case 'tool-plan-delta':
        if (typeof plan === 'string') this.#addPlan(plan)
        return
      case 'tool-call-start':
        this.#isPlan = false
        return openCall(this.#blocks, call ?? null, `message.tool_calls[${this.#calls++}]`)
      case 'tool-call-delta': {
        const called = isJsonObject(call) ? call['function'] : undefined
        const text = isJsonObject(called) ? called['arguments'] : undefined
        if (typeof text === 'string' && this.#blocks.kind === 'tool-use') this.#blocks.text('arguments', text)
        return
      }
      case 'citation-start':
        if (citations !== undefined) this.#cite(citations)
        return
      default:
    }
  }

  /** A stream that leaves out its first event is read all the same. */
  #begin(head: JsonObject): readonly ReplyEvent[] {
    if (this.#hasBegun) return []
    this.#hasBegun = true
    return [readOpen(head, '')]
  }

  #openContent(part: Json): void {
    this.#isPlan = false
    openContent(this.#blocks, part, `message.content[${this.#contents++}]`)
  }

  /** A delta for a part that was not begun begins one of its kind. */
  #addContent(part: JsonObject, odds: Json | undefined): void {
    const { text, thinking } = part
    const isThought = typeof thinking === 'string' && thinking !== ''
    const kind = isThought ? 'thought' : 'text'
    const more = isThought ? thinking : text
    if (this.#blocks.kind !== kind || this.#isPlan)
      this.#openContent(isThought ? { type: 'thinking', thinking: '' } : { type: 'text', text: '' })
    if (typeof more === 'string') this.#blocks.text('text', more)
    if (odds !== undefined && odds !== null)
      this.#blocks.delta({ kind: 'logprobs', logprobs: odds }, { wire: odds, path: `logprobs[${this.#odds++}]` })
  }

  #addPlan(plan: string): void {
    if (plan === '') return
    if (!this.#isPlan) this.#blocks.open({ kind: 'text' }, { wire: plan, path: planPath })
    this.#isPlan = true
    this.#blocks.text('text', plan)
  }

  #cite(citation: Json): void {
    if (this.#blocks.kind === undefined) this.#openContent({ type: 'text', text: '' })
    this.#blocks.delta(
      { kind: 'citation', citation },
      { wire: citation, path: `message.citations[${this.#citations++}]` },
    )
  }

  #finish(delta: JsonObject): readonly ReplyEvent[] {
    const usage = readUsageEvent(delta['usage'])
    const close = this.#isClosed ? undefined : readClose(delta, '')
    if (close) this.#blocks.end()
    const ended = this.#blocks.take()
    if (close) this.#isClosed = true
    return [...ended, ...(usage ? [usage] : []), ...(close ? [close] : [])]
  }
}

const nothing = Object.freeze({})
