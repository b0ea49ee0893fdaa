import type { HeardFrame, ReplyEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { BlockSequence, type Place } from '../../shared/translation/block-sequence.ts'
import { ChunkEvents, readChoices, type ChoiceEvents, type ChoiceWords } from '../../vendors/openai/choices.ts'
import type { EventReader } from '../../translation.ts'
import { isEmpty, unknownKeys } from '../../shared/translation/unknown-keys.ts'
import { dialectName } from './own.ts'
import { readClose } from './stop-reasons.ts'

/** A body, as the events of a stream that arrived at once. */
export function readAnswer(body: JsonObject): HeardFrame {
  return readChoices(body, words)
}

export function openEvents(): EventReader {
  return new ChunkEvents(words)
}

const words: ChoiceWords = {
  dialect: dialectName,
  openChoice: (index, path) => new TextReader(index, path),
}

/** One choice: a text, its odds, and why it ended. Pieces and wholes have the same members. */
class TextReader implements ChoiceEvents {
  readonly #index: number
  readonly #path: string
  readonly #blocks: BlockSequence
  readonly #unheard = new Set<string>()
  #isClosed = false

  constructor(index: number, path: string) {
    this.#index = index
    this.#path = path
    this.#blocks = new BlockSequence(dialectName, index)
  }

  readWhole(choice: JsonObject): readonly ReplyEvent[] {
    this.#readPiece(choice)
    this.#close(choice)
    return this.#blocks.take()
  }

  readDelta(choice: JsonObject): readonly ReplyEvent[] {
    // OpenAI says the end again, with an empty text (recorded 2025-08).
    if (!this.#isClosed) this.#readPiece(choice)
    if (!isEmpty(choice['finish_reason'])) this.#close(choice)
    return this.#blocks.take()
  }

  end(): readonly ReplyEvent[] {
    this.#close({})
    return this.#blocks.take()
  }

  #readPiece(choice: JsonObject): void {
    const { text, reasoning, logprobs } = choice
    for (const key of unknownKeys(choice, knownOfChoice)) this.#unheard.add(key)
    // vLLM: the number of the token that ended it.
    if (typeof choice['stop_reason'] === 'number') this.#unheard.add('stop_reason')
    if (typeof reasoning === 'string') this.#tell('thought', reasoning)
    if (typeof text === 'string') this.#tell('text', text)
    if (isEmpty(logprobs) || logprobs === undefined) return
    if (this.#blocks.kind !== 'text') this.#blocks.open({ kind: 'text' })
    const place: Place = { wire: logprobs, path: `${this.#path}.logprobs`, unheard: [] }
    this.#blocks.delta({ kind: 'logprobs', logprobs }, place)
  }

  #tell(kind: 'text' | 'thought', text: string): void {
    if (text === '') return
    if (this.#blocks.kind !== kind) this.#blocks.open({ kind })
    this.#blocks.delta({ kind: 'text', text })
  }

  #close(choice: JsonObject): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#blocks.end()
    this.#blocks.tell(readClose(choice, this.#index, this.#path, [...this.#unheard]))
  }
}

/** `reasoning` is OpenRouter's, beside the text. */
const knownOfChoice: ReadonlySet<string> = new Set([
  'index',
  'text',
  'reasoning',
  'logprobs',
  'finish_reason',
  'native_finish_reason',
  'stop_reason',
])
