import type { Json } from '../../../canonical/json.ts'

/**
 * Tells which call a result answers. Ollama's older clients give neither an id: then the tool's name tells, and without one the
 * order, of the latest turn's calls before all others. Ids are made up that do not change from one turn of the conversation to the
 * next.
 */
export class CallIds {
  readonly #waiting: Waiting[] = []
  #count = 0
  #turn = 0

  /** Another turn of the assistant's with calls begins. */
  beginTurn(): void {
    this.#turn++
  }

  open(said: string | undefined, name: string): string {
    const id = said === undefined || said === '' ? `call_${this.#count}` : said
    this.#count++
    this.#waiting.push({ id, name, turn: this.#turn })
    return id
  }

  answered(said: string | undefined, name: Json | undefined): string {
    const call = said === undefined || said === '' ? this.#meant(name) : this.#waiting.find(({ id }) => id === said)
    if (call) this.#waiting.splice(this.#waiting.indexOf(call), 1)
    return call?.id ?? (said === undefined || said === '' ? 'call_unknown' : said)
  }

  #meant(name: Json | undefined): Waiting | undefined {
    const latestFirst = this.#waiting.toSorted((one, other) => other.turn - one.turn)
    return latestFirst.find((call) => call.name === name) ?? latestFirst[0]
  }
}

/** A call that no result has answered yet. */
interface Waiting {
  readonly id: string
  readonly name: string
  readonly turn: number
}
