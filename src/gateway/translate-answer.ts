import type { JsonObject } from '../canonical/json.ts'
import type { HeardFrame } from '../canonical/event.ts'
import { Losses, type Loss } from '../canonical/loss.ts'
import { edit } from '../canonical/origin.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { AnswerSettings, ChatTranslation } from '../dialects/translation.ts'
import { framed, type Framing } from '../wire/framing.ts'
import { retellingOf, type Retelling } from './retell-one-answer.ts'

/** Turns one answer from the provider's dialect into the client's. */
export interface AnswerTranslator {
  /** A unary answer. */
  whole(body: JsonObject): Buffer
  /** One frame of a stream; `undefined` when it says nothing in the client's dialect. */
  frame(event: string, data: Buffer): Buffer | undefined
  /** The ending in the client's dialect. Only after the provider's own (failures.md S1). */
  ending(): Buffer
  /** What the provider said that the client's dialect has no word for. */
  losses(): readonly Loss[]
}

/**
 * @param question as the client asked it.
 * @param toolNames of the call, where the provider was told others: as the client wrote them, by the names that were told.
 * @returns `undefined` when both sides speak the same dialect: then the provider's own bytes travel.
 */
export function translatorFor(
  provider: Dialect,
  client: Dialect,
  question: JsonObject,
  settings: AnswerSettings,
  toolNames: ReadonlyMap<string, string> = new Map(),
): AnswerTranslator | undefined {
  if (provider.name === client.name) return undefined
  const retelling = retellingOf(client, provider)
  if (retelling) return new OneAnswerTranslator(retelling, question, settings)
  if (!provider.translation || !client.translation)
    throw new Error(`answers of ${provider.name} cannot be translated to ${client.name}`)
  return new Translator(provider.translation, client.translation, settings, client.framing ?? 'sse', toolNames)
}

/** Nothing is streamed. */
class OneAnswerTranslator implements AnswerTranslator {
  readonly #retelling: Retelling
  readonly #question: JsonObject
  readonly #settings: AnswerSettings
  readonly #losses = new Losses()

  constructor(retelling: Retelling, question: JsonObject, settings: AnswerSettings) {
    this.#retelling = retelling
    this.#question = question
    this.#settings = settings
  }

  whole(body: JsonObject): Buffer {
    return Buffer.from(JSON.stringify(this.#retelling.answer(body, this.#question, this.#losses, this.#settings)))
  }

  frame(): undefined {
    return undefined
  }

  ending(): Buffer {
    return Buffer.alloc(0)
  }

  losses(): readonly Loss[] {
    return this.#losses.list()
  }
}

class Translator implements AnswerTranslator {
  readonly #provider: ChatTranslation
  readonly #client: ChatTranslation
  readonly #settings: AnswerSettings
  readonly #framing: Framing
  readonly #toolNames: ReadonlyMap<string, string>
  readonly #losses = new Losses()
  #stream:
    | {
        readonly reader: ReturnType<ChatTranslation['openEvents']>
        readonly writer: ReturnType<ChatTranslation['openFrames']>
      }
    | undefined

  constructor(
    provider: ChatTranslation,
    client: ChatTranslation,
    settings: AnswerSettings,
    framing: Framing,
    toolNames: ReadonlyMap<string, string>,
  ) {
    this.#provider = provider
    this.#client = client
    this.#settings = settings
    this.#framing = framing
    this.#toolNames = toolNames
  }

  whole(body: JsonObject): Buffer {
    const answer = this.#renamed(this.#provider.readAnswer(body))
    return Buffer.from(JSON.stringify(this.#client.writeAnswer(answer, this.#losses, this.#settings)))
  }

  frame(event: string, data: Buffer): Buffer | undefined {
    const { reader, writer } = this.#open()
    const text = writer.write(this.#renamed(reader.read(event, data)))
    return text === '' ? undefined : framed(text, this.#framing)
  }

  ending(): Buffer {
    const { reader, writer } = this.#open()
    const due = reader.end()
    const rest = due.length === 0 ? '' : writer.write(this.#renamed({ events: due, wire: undefined }))
    return framed(rest + writer.end(), this.#framing)
  }

  losses(): readonly Loss[] {
    return this.#losses.list()
  }

  /** With the names of tools as the client wrote them. */
  #renamed(frame: HeardFrame): HeardFrame {
    if (this.#toolNames.size === 0) return frame
    const events = frame.events.map((event) => {
      if (event.kind !== 'block-start' || event.content.kind !== 'tool-use') return event
      const name = this.#toolNames.get(event.content.name)
      return name === undefined ? event : edit(event, { content: { ...event.content, name } })
    })
    return edit(frame, { events })
  }

  #open() {
    this.#stream ??= {
      reader: this.#provider.openEvents(),
      writer: this.#client.openFrames(this.#losses, this.#settings),
    }
    return this.#stream
  }
}
