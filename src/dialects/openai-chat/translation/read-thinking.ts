import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject, wordOf } from '../../../canonical/json.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import type { BlockSequence } from '../../shared/translation/block-sequence.ts'
import { unknownKeys } from '../../shared/translation/unknown-keys.ts'

/**
 * The thoughts of an answer, in the spellings of its providers: `reasoning_content` (DeepSeek, xAI, llama.cpp), `reasoning`
 * (Groq, Ollama), OpenRouter's `reasoning_details` beside the latter, Mistral's content parts.
 */
export class ThoughtReader {
  readonly #blocks: BlockSequence
  readonly #path: string
  readonly #unheard: Set<string>
  /** Of the entries that make up the open thought. */
  #index: Json | undefined
  /** Of all entries so far that began a block. */
  readonly #indexes = new Set<Json>()
  #isSigned = false

  /** @param unheard takes, dotted below the choice, what no event carries. */
  constructor(blocks: BlockSequence, path: string, unheard: Set<string>) {
    this.#blocks = blocks
    this.#path = path
    this.#unheard = unheard
  }

  read(piece: JsonObject): void {
    const { reasoning_content: content, reasoning, reasoning_details: details } = piece
    const told = isJsonArray(details) ? this.#readDetails(details) : ''
    const texts = [content, reasoning].filter((text) => typeof text === 'string' && text !== '')
    if (told === '') this.#readTexts(texts)
    else if (texts.some((text) => text !== told)) this.#unheard.add('message.reasoning')
  }

  /** @returns whether the part is a thought. */
  readPart(part: JsonObject, path: string): boolean {
    const { type, thinking, signature } = part
    if (type !== 'thinking') return false
    for (const key of unknownKeys(part, knownOfPart)) this.#unheard.add(`${path}.${key}`)
    if (typeof thinking === 'string') this.#tell(thinking)
    if (isJsonArray(thinking))
      for (const [index, one] of thinking.entries()) this.#readInner(one, `${path}.thinking[${index}]`)
    if (typeof signature === 'string' && signature !== '') this.#sign(signature)
    return true
  }

  #readInner(inner: Json, path: string): void {
    if (!isJsonObject(inner)) return
    const { type, text } = inner
    if (type !== 'text' || typeof text !== 'string') this.#unheard.add(path)
    else {
      this.#tell(text)
      for (const key of unknownKeys(inner, knownOfText)) this.#unheard.add(`${path}.${key}`)
    }
  }

  /** Two spellings with the same text are one thought. */
  #readTexts(texts: readonly (Json | undefined)[]): void {
    const [first, second] = texts
    if (typeof first === 'string') this.#tell(first)
    if (second !== undefined && second !== first) this.#unheard.add('message.reasoning')
  }

  /** @returns the text in them. */
  #readDetails(details: readonly Json[]): string {
    let told = ''
    for (const [position, detail] of details.entries()) {
      const path = `message.reasoning_details[${position}]`
      const { type, text, summary, signature, data, index } = isJsonObject(detail) ? detail : {}
      if (isJsonObject(detail))
        for (const key of unknownKeys(detail, knownOfDetail)) this.#unheard.add(`${path}.${key}`)
      const said = type === 'reasoning.text' ? text : type === 'reasoning.summary' ? summary : undefined
      const isThought = type === 'reasoning.text' || type === 'reasoning.summary'
      if (isThought) {
        if (index !== undefined && index !== this.#index) this.#endThought()
        if (this.#blocks.kind !== 'thought') this.#noteIndex(index, path)
        this.#index = index ?? this.#index
        if (typeof said === 'string') this.#tell(said)
        if (typeof said === 'string') told += said
        if (typeof signature === 'string' && signature !== '') this.#sign(signature)
      } else if (type === 'reasoning.encrypted' && typeof data === 'string') {
        this.#noteIndex(index, path)
        this.#blocks.open({ kind: 'redacted-thought', data })
        this.#blocks.end()
      } else {
        const wire = isJsonObject(detail) ? detail : { value: detail }
        const place = { wire: detail, path: `${this.#path}.${path}`, unheard: [] }
        this.#blocks.open({ kind: 'opaque', type: wordOf(type ?? 'reasoning_details'), wire }, place)
      }
    }
    return told
  }

  /** One that an earlier block has too says that both are one thought's, for which there is no other word. */
  #noteIndex(index: Json | undefined, path: string): void {
    if (index === undefined || index === null) return
    if (this.#indexes.has(index)) this.#unheard.add(`${path}.index`)
    this.#indexes.add(index)
  }

  #tell(text: string): void {
    if (text === '') return
    if (this.#blocks.kind !== 'thought' || this.#isSigned) this.#open()
    this.#blocks.delta({ kind: 'text', text })
  }

  /** The signature comes last, and may come alone. */
  #sign(signature: string): void {
    if (this.#blocks.kind !== 'thought' || this.#isSigned) this.#open()
    this.#blocks.delta({ kind: 'signature', signature })
    this.#isSigned = true
  }

  #open(): void {
    this.#blocks.open({ kind: 'thought' })
    this.#isSigned = false
  }

  #endThought(): void {
    if (this.#blocks.kind === 'thought') this.#blocks.end()
  }
}

const knownOfPart: ReadonlySet<string> = new Set(['type', 'thinking', 'signature', 'closed'])
const knownOfText: ReadonlySet<string> = new Set(['type', 'text'])
const knownOfDetail: ReadonlySet<string> = new Set(['type', 'index', 'text', 'summary', 'signature', 'data'])
