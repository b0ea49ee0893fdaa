import type { HeardFrame, ReplyEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { isJsonArray, listIn } from '../../shared/call-fields.ts'
import { frameJson } from '../../shared/frame-json.ts'
import type { EventReader } from '../../translation.ts'
import { heardFrame, readEnd, readOpen } from './read-answer.ts'
import { ItemReader } from './read-output.ts'

export function openEvents(): EventReader {
  return new ResponseEventReader()
}

/** Reads the events of one response. Errors are the relay's business: they say nothing here. */
class ResponseEventReader implements EventReader {
  readonly #items = new ItemReader()
  #isOpen = false
  #hasEnded = false

  read(event: string, data: Buffer): HeardFrame {
    const said = frameJson(data)
    if (!isJsonObject(said)) {
      const text = data.toString()
      return heardFrame([], { event, data: text, isText: true }, text)
    }
    const type = typeof said['type'] === 'string' ? said['type'] : event
    return heardFrame(this.#readEvent(type, said), { event, data: said })
  }

  end(): readonly ReplyEvent[] {
    if (this.#hasEnded) return []
    this.#hasEnded = true
    this.#items.endAll()
    return [...this.#items.take(), ...readEnd({ status: 'completed' })]
  }

  #readEvent(type: string, said: JsonObject): readonly ReplyEvent[] {
    const { response } = said
    const events: ReplyEvent[] = []
    if (!this.#isOpen && isJsonObject(response)) {
      this.#isOpen = true
      events.push(readOpen(response))
    }
    if (type === 'response.completed' || type === 'response.incomplete') {
      const whole = isJsonObject(response) ? response : {}
      events.push(...this.#finish(whole))
    } else this.#readPiece(type, said)
    return [...events, ...this.#items.take()]
  }

  #finish(response: JsonObject): readonly ReplyEvent[] {
    if (this.#hasEnded) return []
    this.#hasEnded = true
    this.#items.endAll()
    // Items that were never told in pieces.
    for (const [index, item] of listIn(response, 'output').entries())
      if (!this.#items.hasTold(item, index)) this.#items.whole(item, this.#items.freePlace())
    return [...this.#items.take(), ...readEnd(response)]
  }

  #readPiece(type: string, said: JsonObject): void {
    const items = this.#items
    const index = placeIn(said, 'output_index')
    const place = placeIn(said, 'content_index')
    const { delta, item, part, text } = said
    switch (type) {
      case 'response.output_item.added':
        return items.open(item, index)
      case 'response.output_item.done':
        return items.end(item, index)
      case 'response.content_part.added':
        return items.openPart(part, index, place)
      case 'response.content_part.done':
        return items.endPart(part, index, place)
      case 'response.output_text.delta':
        items.text(index, place, 'text', textOr(delta))
        return this.#readOdds(said['logprobs'], index, place)
      case 'response.refusal.delta':
        return items.text(index, place, 'refusal', textOr(delta))
      case 'response.output_text.annotation.added':
        return said['annotation'] === undefined ? undefined : items.citation(index, place, said['annotation'])
      case 'response.reasoning_summary_text.delta':
        return items.thought(index, `summary[${placeIn(said, 'summary_index')}]`, textOr(delta))
      case 'response.reasoning_summary_text.done':
        return items.endThought(index, `summary[${placeIn(said, 'summary_index')}]`, text)
      case 'response.reasoning_text.delta':
        return items.thought(index, `content[${place}]`, textOr(delta))
      case 'response.reasoning_text.done':
        return items.endThought(index, `content[${place}]`, text)
      case 'response.function_call_arguments.delta':
        return items.argumentsText(index, delta, false)
      case 'response.function_call_arguments.done':
        return items.argumentsText(index, said['arguments'], true)
      default:
      // Openings, endings of texts, and the progress of the provider's own tools: their items tell it whole.
    }
  }

  #readOdds(logprobs: Json | undefined, index: number, place: number): void {
    if (!isJsonArray(logprobs) || logprobs.length === 0) return
    this.#items.noteOdds(index, place)
    this.#items.odds(index, place, logprobs)
  }
}

function placeIn(said: JsonObject, key: string): number {
  const place = said[key]
  return typeof place === 'number' && Number.isSafeInteger(place) && place >= 0 ? place : 0
}

function textOr(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
