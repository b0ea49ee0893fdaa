import type { CloseEvent, HeardFrame, ReplyEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { frameJson } from '../../shared/frame-json.ts'
import type { EventReader } from '../../translation.ts'
import { candidatesOf } from '../read-reply.ts'
import { CandidateReader } from './candidate-reader.ts'
import { reasonSaid } from './finish-reasons.ts'
import { dialectName } from './own.ts'
import { blocked, choiceOf, partsOf, readClose, readOpen, responseIdOf } from './read-answer.ts'
import { readUsageEvent } from './usage-words.ts'

export function openEvents(): EventReader {
  return new GenerateEventReader()
}

/**
 * Reads the events of one stream of answers. Errors are the relay's business: they say nothing here. That a candidate has ended is
 * told at the very end: where tools ran at Google, one that had a reason to end goes on (recorded 2026).
 */
class GenerateEventReader implements EventReader {
  readonly #readers = new Map<number, CandidateReader>()
  readonly #closes = new Map<number, CloseEvent>()
  #hasBegun = false

  read(event: string, data: Buffer): HeardFrame {
    const said = frameJson(data)
    // A frame goes back with the name it came under, and data that are no JSON as the text they are.
    const wire = said ?? data.toString()
    const events = isJsonObject(said) && !isJsonObject(said['error']) ? this.#readChunk(said) : []
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
    if (!this.#hasBegun) return []
    if (this.#readers.size + this.#closes.size === 0) this.#reader(0)
    const ended = [...this.#readers].flatMap(([choice, reader]) => [
      ...reader.end(),
      this.#closes.get(choice) ?? readClose({}, choice, choice, reader.hasCalled),
    ])
    const rest = [...this.#closes].filter(([choice]) => !this.#readers.has(choice)).map(([, close]) => close)
    this.#readers.clear()
    this.#closes.clear()
    this.#hasBegun = false
    return [...ended, ...rest]
  }

  #readChunk(chunk: JsonObject): readonly ReplyEvent[] {
    const open = this.#hasBegun ? [] : [readOpen(chunk)]
    this.#hasBegun = true
    const parts = candidatesOf(chunk).flatMap((candidate, place) => this.#readCandidate(candidate, place, chunk))
    for (const close of blocked(chunk)) this.#closes.set(close.choice, close)
    const usage = readUsageEvent(chunk['usageMetadata'])
    return [...open, ...parts, ...(usage ? [usage] : [])]
  }

  #readCandidate(candidate: Json, place: number, chunk: JsonObject): readonly ReplyEvent[] {
    const choice = choiceOf(candidate, place)
    const reader = this.#reader(choice)
    const events = partsOf(candidate, place).flatMap(({ part, path }) => reader.read(part, path, responseIdOf(chunk)))
    const reason = isJsonObject(candidate) ? reasonSaid(candidate['finishReason']) : undefined
    if (reason !== undefined) this.#closes.set(choice, readClose(candidate, place, choice, reader.hasCalled))
    return events
  }

  #reader(choice: number): CandidateReader {
    const known = this.#readers.get(choice)
    if (known) return known
    const reader = new CandidateReader(choice)
    this.#readers.set(choice, reader)
    return reader
  }
}
