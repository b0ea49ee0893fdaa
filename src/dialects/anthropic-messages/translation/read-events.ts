import type { HeardFrame, ReplyEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { frameJson } from '../../shared/frame-json.ts'
import type { EventReader } from '../../translation.ts'
import { updateCounts, type SaidCounts } from '../read-usage.ts'
import { HeardBlock } from './heard-block.ts'
import { dialectName } from './own.ts'
import { noClose, readOpen } from './read-answer.ts'
import { readClose } from './stop-reasons.ts'
import { readUsageEvent } from './usage-words.ts'

export function openEvents(): EventReader {
  return new MessageEventReader()
}

/** Reads the events of one message. Errors are the relay's business: they say nothing here. */
class MessageEventReader implements EventReader {
  /** The block that is open, and its index on the wire. */
  #open: { readonly index: Json | undefined; readonly block: HeardBlock } | undefined
  #blocks = 0
  #counts: SaidCounts = {}
  #serviceTier: string | undefined
  #hasBegun = false
  #isClosed = false
  /** Of a message that tells in its first frame why it ended: when its tools were called by code (recorded 2026). */
  #earlyClose: ReplyEvent | undefined

  read(event: string, data: Buffer): HeardFrame {
    const said = frameJson(data)
    // A frame goes back with the name it came under, and data that are no JSON as the text they are.
    const wire = said ?? data.toString()
    const events = isJsonObject(said) ? this.#readEvent(event, said) : []
    return hear<HeardFrame>(
      { events, wire },
      {
        dialect: dialectName,
        wire: { event, data: wire, isText: said === undefined },
        path: '',
        heard: nothing,
        unheard: [],
      },
    )
  }

  end(): readonly ReplyEvent[] {
    const due = [...this.#endBlock(), ...(this.#isClosed || !this.#hasBegun ? [] : [this.#earlyClose ?? noClose])]
    this.#isClosed = true
    return due
  }

  #readEvent(event: string, said: JsonObject): readonly ReplyEvent[] {
    const { type, index } = said
    switch (typeof type === 'string' ? type : event) {
      case 'message_start':
        return this.#begin(isJsonObject(said['message']) ? said['message'] : {})
      case 'content_block_start':
        return [...this.#beginIfDue(), ...this.#startBlock(said['content_block'] ?? null, index)]
      case 'content_block_delta':
        return this.#readDelta(isJsonObject(said['delta']) ? said['delta'] : {}, index)
      case 'content_block_stop':
        return this.#open?.index === index ? this.#endBlock() : []
      case 'message_delta':
        return this.#finish(said)
      case 'message_stop':
        return this.end()
      case 'ping':
        return [ping]
      default:
        return []
    }
  }

  #begin(message: JsonObject): readonly ReplyEvent[] {
    if (this.#hasBegun) return []
    this.#hasBegun = true
    this.#earlyClose = readClose(message, '', [])
    const blocks = isJsonArray(message['content']) ? message['content'] : []
    return [
      readOpen(message, 'message'),
      ...blocks.flatMap((block) => [...this.#startBlock(block, undefined), ...this.#endBlock()]),
      ...this.#readUsage(message),
    ]
  }

  /** A stream that leaves out its first frame is read all the same. */
  #beginIfDue(): readonly ReplyEvent[] {
    return this.#begin({})
  }

  #startBlock(wire: Json, index: Json | undefined): readonly ReplyEvent[] {
    const due = this.#endBlock()
    const place = this.#blocks++
    const block = new HeardBlock(wire, place, `content[${place}]`)
    this.#open = { index, block }
    return [...due, ...block.start()]
  }

  #endBlock(): readonly ReplyEvent[] {
    const events = this.#open?.block.end() ?? []
    this.#open = undefined
    return events
  }

  #readDelta(wire: JsonObject, index: Json | undefined): readonly ReplyEvent[] {
    const begun = this.#beginIfDue()
    // Blocks come one after the other; a delta for none that is open begins one of its kind.
    const started = this.#open?.index === index ? [] : this.#startBlock(impliedBlock(wire), index)
    return [...begun, ...started, ...(this.#open?.block.delta(wire) ?? [])]
  }

  #finish(said: JsonObject): readonly ReplyEvent[] {
    const begun = this.#beginIfDue()
    const delta = isJsonObject(said['delta']) ? said['delta'] : {}
    const usage = this.#readUsage(said)
    return [...begun, ...usage, ...this.#readClose(delta)]
  }

  #readClose(wire: JsonObject): readonly ReplyEvent[] {
    const close = this.#isClosed ? undefined : readClose(wire, '')
    if (!close) return []
    this.#isClosed = true
    return [...this.#endBlock(), close]
  }

  #readUsage(holder: JsonObject): readonly ReplyEvent[] {
    const { usage } = holder
    const counts = isJsonObject(usage) ? updateCounts(this.#counts, usage) : undefined
    if (!counts || !isJsonObject(usage)) return []
    this.#counts = counts
    const tier = usage['service_tier']
    if (typeof tier === 'string') this.#serviceTier = tier
    const event = readUsageEvent(counts, usage, this.#serviceTier)
    return event ? [event] : []
  }
}

const nothing = Object.freeze({})
const ping: ReplyEvent = Object.freeze({ kind: 'ping' })

function impliedBlock(delta: JsonObject): Json {
  return delta['type'] === 'thinking_delta' || delta['type'] === 'signature_delta'
    ? { type: 'thinking', thinking: '' }
    : { type: 'text', text: '' }
}
