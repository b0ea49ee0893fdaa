import type { CloseEvent, HeardFrame, OpenEvent, ReplyEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { frameJson } from '../../shared/frame-json.ts'
import type { EventReader } from '../../translation.ts'
import { modelNameIn } from '../read-reply.ts'
import { dialectName } from './own.ts'
import { StreamBlocks } from './stream-blocks.ts'
import { readClose } from './stop-reasons.ts'
import { readUsageEvent } from './usage-words.ts'

export function openEvents(): EventReader {
  return new ConverseEventReader()
}

/** Reads the events of one answer. Errors are the relay's business: they say nothing here. */
class ConverseEventReader implements EventReader {
  readonly #blocks = new StreamBlocks()
  #hasBegun = false
  #isClosed = false

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
        heard: {},
        unheard: [],
      },
    )
  }

  end(): readonly ReplyEvent[] {
    return this.#hasBegun && !this.#isClosed ? this.#close({}) : []
  }

  #readEvent(event: string, said: JsonObject): readonly ReplyEvent[] {
    switch (event) {
      case 'messageStart':
        return this.#begin()
      case 'contentBlockStart':
        return this.#inBlocks(() => this.#blocks.start(partOf(said, 'start'), said['contentBlockIndex']))
      case 'contentBlockDelta':
        return this.#inBlocks(() => this.#blocks.delta(partOf(said, 'delta'), said['contentBlockIndex']))
      case 'contentBlockStop':
        return this.#inBlocks(() => this.#blocks.stop(said['contentBlockIndex']))
      case 'messageStop':
        return this.#isClosed ? [] : [...this.#begin(), ...this.#close(said)]
      case 'metadata':
        return [...this.#begin(said), ...this.#usageOf(said)]
      default:
        return []
    }
  }

  /** @param holder of the model's name, where a stream tells it before anything else. */
  #begin(holder: JsonObject = {}): readonly ReplyEvent[] {
    if (this.#hasBegun) return []
    this.#hasBegun = true
    const open: OpenEvent = {
      kind: 'open',
      id: undefined,
      responseModel: modelNameIn(holder),
      createdAtSeconds: undefined,
    }
    return [hear(open, { dialect: dialectName, wire: {}, path: '', heard: {}, unheard: [] })]
  }

  /** Nothing is heard of blocks once the answer has said why it ended. */
  #inBlocks(read: () => readonly ReplyEvent[]): readonly ReplyEvent[] {
    return this.#isClosed ? [] : [...this.#begin(), ...read()]
  }

  #close(said: JsonObject): readonly ReplyEvent[] {
    this.#isClosed = true
    const unheard = said['additionalModelResponseFields'] === undefined ? [] : ['additionalModelResponseFields']
    const close: CloseEvent = readClose(said, 'messageStop', unheard)
    return [...this.#blocks.endAll(), close]
  }

  /** What a guardrail found, and which model a router chose, stand beside the usage, and are nowhere else told. */
  #usageOf(said: JsonObject): readonly ReplyEvent[] {
    const usage = readUsageEvent(said)
    return usage ? [usage] : []
  }
}

function partOf(said: JsonObject, key: string): JsonObject {
  const value: Json | undefined = said[key]
  return isJsonObject(value) ? value : {}
}
