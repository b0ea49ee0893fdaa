import type { Clock } from '../canonical/clock.ts'
import type { GatewayError } from '../canonical/error.ts'
import { Slots } from '../canonical/passing.ts'
import type { Place } from './admission.ts'
import type { HttpClient } from './http-client.ts'
import type { UpgradeClient } from './socket-client.ts'

/** Exchanges under way. */
export class Running {
  readonly #clients = new Slots<HttpClient | UpgradeClient>()
  readonly #onIdle: (() => void)[] = []

  get size(): number {
    return this.#clients.size
  }

  /** Counts a client as under way until it is over. Then its place is left too. */
  follow(client: HttpClient | UpgradeClient, place: Pick<Place, 'leave'>): void {
    const slot = this.#clients.add(client)
    client.over(() => {
      place.leave()
      this.#clients.remove(slot)
      if (this.#clients.size === 0) for (const then of this.#onIdle.splice(0)) then()
    })
  }

  /** Ends all of them from our side, each in its client's own dialect. */
  stop(problem: GatewayError): void {
    for (const client of this.#clients) client.stop(problem)
  }

  /** Resolves when none is under way, or after `limitMs`. To be asked while there are some. */
  idleWithin(limitMs: number, clock: Clock): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = clock.after(limitMs, resolve)
    this.#onIdle.push(() => {
      timer.cancel()
      resolve()
    })
    return promise
  }
}
