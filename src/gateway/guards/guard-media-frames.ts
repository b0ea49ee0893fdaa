import { isJsonObject, type JsonObject } from '../../canonical/json.ts'
import type { Loss } from '../../canonical/loss.ts'
import { isEventName, writeSse } from '../../wire/sse-write.ts'
import { readJson } from '../read-json.ts'
import type { AnswerTranslator } from '../answer-translator.ts'
import { guardWhole } from './guard-answer.ts'
import { GuardedEvents, type EventWords } from './guard-events.ts'
import type { AnswerRules } from './guard-input.ts'

/** OpenAI's transcripts, pictures and speech (API description 2.3.0, 2026-08): one text, whose pieces are `delta`. */
const mediaWords: EventWords = {
  piecesIn: ({ delta }) =>
    typeof delta === 'string' && delta !== '' ? [{ key: '', text: delta, path: 'delta', isArguments: false }] : [],
  ends: (_, event) => mediaWords.piecesIn(event).length === 0,
}

/** Answers of operations other than chats, in their own dialect, with guardrails that look at them. */
export class GuardedMedia implements AnswerTranslator {
  readonly #answer: AnswerRules
  readonly #events: GuardedEvents

  constructor(answer: AnswerRules) {
    this.#answer = answer
    this.#events = new GuardedEvents(mediaWords, answer)
  }

  whole(body: JsonObject): Buffer {
    return Buffer.from(JSON.stringify(guardWhole(body, this.#answer, this.#events.losses)))
  }

  text(body: Buffer): Buffer {
    return this.#plain(body)
  }

  frame(event: string, data: Buffer): Buffer | undefined {
    const said = readJson(data)
    if (said === undefined || !isJsonObject(said)) return frameOf(event, this.#plain(data).toString('utf8'))
    const told = this.#events.take(said)
    return told.length === 0
      ? undefined
      : Buffer.concat(told.map((one) => frameOf(nameOf(one, event), JSON.stringify(one))))
  }

  ending(): Buffer {
    return Buffer.concat(this.#events.end().map((one) => frameOf(nameOf(one, ''), JSON.stringify(one))))
  }

  losses(): readonly Loss[] {
    return this.#events.losses.list()
  }

  #plain(body: Buffer): Buffer {
    const { text } = guardWhole({ text: body.toString('utf8') }, this.#answer)
    return typeof text === 'string' ? Buffer.from(text) : body
  }
}

/** What was held back is told in an event of its own kind. */
function nameOf({ type }: JsonObject, event: string): string {
  return typeof type === 'string' && event !== '' ? type : event
}

function frameOf(event: string, data: string): Buffer {
  return Buffer.from(writeSse(isEventName(event) ? event : undefined, data))
}
