import type { HeardFrame, ReplyEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { isJsonArray } from '../../call-fields.ts'
import { frameJson } from '../../frame-json.ts'
import type { EventReader } from '../../translation.ts'
import { heardFrame, idOf, indexOf, readOpen } from './read-answer.ts'
import { ChoiceReader } from './read-choice.ts'
import { chatDialect } from './wire-fields.ts'
import { readUsageEvent } from '../../openai-usage-event.ts'

export function openEvents(): EventReader {
  return new ChunkReader()
}

/** Reads the chunks of one answer. Errors are the relay's business: they say nothing here. */
class ChunkReader implements EventReader {
  readonly #choices = new Map<number, ChoiceReader>()
  #replyId: string | undefined
  #isOpen = false

  read(_event: string, data: Buffer): HeardFrame {
    const chunk = frameJson(data)
    // The last frame is no JSON, and is written by the ending.
    if (!isJsonObject(chunk)) return nothingSaid
    return heardFrame(this.#readChunk(chunk), chunk)
  }

  end(): readonly ReplyEvent[] {
    return [...this.#choices.values()].flatMap((choice) => choice.end())
  }

  #readChunk(chunk: JsonObject): readonly ReplyEvent[] {
    const { choices } = chunk
    const events: ReplyEvent[] = []
    const usage = readUsageEvent(chunk, chatDialect)
    const said = isJsonArray(choices) ? choices : []
    // Azure begins with a chunk about the prompt, which has no id and no model.
    if (!this.#isOpen && (said.length > 0 || usage || idOf(chunk) === chunk['id'])) {
      this.#isOpen = true
      this.#replyId = idOf(chunk)
      events.push(readOpen(chunk))
    }
    for (const [position, choice] of said.entries())
      if (isJsonObject(choice)) events.push(...this.#choiceOf(indexOf(choice, position)).readDelta(choice))
    if (usage) events.push(usage)
    return events
  }

  #choiceOf(index: number): ChoiceReader {
    const known = this.#choices.get(index)
    if (known) return known
    const choice = new ChoiceReader(index, `choices[${index}]`, this.#replyId ?? 'call')
    this.#choices.set(index, choice)
    return choice
  }
}

const nothingSaid: HeardFrame = Object.freeze({ events: Object.freeze([]), wire: undefined })
