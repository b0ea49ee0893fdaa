import type { Json } from '../../../canonical/json.ts'

/**
 * Tells which call a result answers. Ollama's older clients give neither an id: then the tool's name tells, and without one the
 * order, and ids are made up that do not change from one turn of the conversation to the next.
 */
export class CallIds {
  readonly #waiting: { readonly id: string; readonly name: string }[] = []
  #count = 0

  open(said: string | undefined, name: string): string {
    const id = said === undefined || said === '' ? `call_${this.#count}` : said
    this.#count++
    this.#waiting.push({ id, name })
    return id
  }

  answered(said: string | undefined, name: Json | undefined): string {
    const find = (matches: (call: { readonly id: string; readonly name: string }) => boolean) =>
      this.#waiting.findIndex(matches)
    const byId = said === undefined || said === '' ? -1 : find(({ id }) => id === said)
    if (byId === -1 && said !== undefined && said !== '') return said
    const byName = find((call) => call.name === name)
    const place = byId !== -1 ? byId : Math.max(0, byName)
    const [call] = this.#waiting.splice(place, 1)
    return call?.id ?? 'call_unknown'
  }
}
