import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { put, type Draft } from '../../shared/translation/put.ts'

/**
 * A piece of a message as it is being written: a whole one, or a delta. What belongs together and comes in the same piece is
 * put together: text to text, arguments to their call, a signature to its thought.
 *
 * Thoughts are told twice, as text in `reasoning_content`, which most clients show, and in `reasoning_details` (OpenRouter,
 * "Preserving reasoning", read 2026-11), whose entries hold signatures and encrypted thoughts: a client that hands this list
 * back with the turn lets the model go on from its own thoughts.
 */
export class PieceDraft {
  readonly #piece: Draft = {}
  /** The lists of the piece, to which more may come. */
  readonly #entries = new Map<string, Draft[]>()
  #odds: Draft | undefined

  get piece(): JsonObject {
    return this.#piece
  }

  get logprobs(): JsonObject | undefined {
    return this.#odds
  }

  addText(member: 'content' | 'refusal' | 'reasoning_content', text: string): void {
    const said = this.#piece[member]
    this.#piece[member] = typeof said === 'string' ? said + text : text
  }

  addThought(
    place: number,
    said: { readonly text?: string; readonly signature?: string; readonly data?: string },
  ): void {
    const { text, signature, data } = said
    if (text !== undefined) this.addText('reasoning_content', text)
    const entry = this.#entry('reasoning_details', place, () =>
      data === undefined
        ? { type: 'reasoning.text', index: place }
        : { type: 'reasoning.encrypted', index: place, data },
    )
    if (text !== undefined) entry['text'] = (typeof entry['text'] === 'string' ? entry['text'] : '') + text
    if (signature !== undefined) entry['signature'] = signature
  }

  openCall(place: number, id: string, name: string, signature: string | undefined): void {
    const entry = this.#entry('tool_calls', place, () => ({ index: place, id, type: 'function' }))
    entry['function'] = { name, arguments: '' }
    put(entry, 'extra_content.google.thought_signature', signature)
  }

  addArguments(place: number, text: string): void {
    const entry = this.#entry('tool_calls', place, () => ({ index: place }))
    const called = isJsonObject(entry['function']) ? entry['function'] : {}
    const said = called['arguments']
    entry['function'] = { ...called, arguments: typeof said === 'string' ? said + text : text }
  }

  openCustom(place: number, id: string, name: string): void {
    const entry = this.#entry('tool_calls', place, () => ({ index: place, id, type: 'custom' }))
    entry['custom'] = { name, input: '' }
  }

  addInput(place: number, text: string): void {
    if (text === '') return
    const entry = this.#entry('tool_calls', place, () => ({ index: place }))
    const called = isJsonObject(entry['custom']) ? entry['custom'] : {}
    const said = called['input']
    entry['custom'] = { ...called, input: typeof said === 'string' ? said + text : text }
  }

  addTo(member: string, value: JsonObject): void {
    const entries = this.#entries.get(member) ?? []
    this.#entries.set(member, entries)
    this.#piece[member] = entries
    entries.push({ ...value })
  }

  openAudio(id: string): void {
    put(this.#piece, 'audio.id', id)
  }

  addAudio(said: { readonly data?: string; readonly transcript?: string }): void {
    for (const [key, text] of Object.entries(said)) {
      const audio = this.#piece['audio']
      const before = isJsonObject(audio) ? audio[key] : undefined
      put(this.#piece, `audio.${key}`, typeof before === 'string' ? before + text : text)
    }
  }

  addOdds(logprobs: JsonObject): void {
    const odds = (this.#odds ??= { content: null, refusal: null })
    for (const key of ['content', 'refusal']) {
      const more = logprobs[key]
      const said = odds[key]
      if (Array.isArray(more)) odds[key] = [...(Array.isArray(said) ? said : []), ...more]
    }
  }

  /** The entry of a list that has this index, or a new last one. */
  #entry(member: string, place: number, begin: () => Draft): Draft {
    const entries = this.#entries.get(member) ?? []
    this.#entries.set(member, entries)
    this.#piece[member] = entries
    const known = entries.find((entry) => entry['index'] === place)
    if (known) return known
    const entry = begin()
    entries.push(entry)
    return entry
  }
}
