/** What one worker has had to do since it was last asked, or since it serves. */
export interface Work {
  readonly calls: number
  /** The time in which they came. */
  readonly overMs: number
  /** Clients' connections that are open. */
  readonly connections: number
}

/** A worker may have so much more than its fellows have on average. */
const tolerated = 1.25
/** So many standard deviations of what comes by chance lie above the average too, for calls that know nothing of one another. */
const chance = 3
/** Of fewer connections, one that is moved takes its load to the next worker, and nothing is gained. */
const fewestConnections = 4
/** Rounds, at most, from one move to the next. */
const longestPause = 64

/**
 * Has workers that have more to do than their fellows send clients away. Whoever accepts from one socket as the others takes what
 * comes while it is awake: of clients that connect together, one worker may get nearly all, and keeps them as long as
 * their connections live. Whoever is sent away may come back, so it takes some rounds. Where it does not help, since few connections
 * carry most, say, it is tried ever more seldom.
 */
export class Balancer {
  #pause = 1
  #roundsToRest = 0

  /** @returns for each worker which share of its clients it is to send away. */
  sharesToMove(works: readonly Work[]): readonly number[] {
    const shares = surplusOf(works)
    if (shares.every((share) => share === 0)) {
      this.#pause = 1
      this.#roundsToRest = 0
      return shares
    }
    if (this.#roundsToRest > 0) {
      this.#roundsToRest -= 1
      return works.map(() => 0)
    }
    this.#roundsToRest = this.#pause - 1
    this.#pause = Math.min(longestPause, 2 * this.#pause)
    return shares
  }
}

function surplusOf(works: readonly Work[]): readonly number[] {
  const known = works.every(({ overMs }) => overMs > 0)
  const meanRate = works.reduce((sum, { calls, overMs }) => sum + calls / overMs, 0) / works.length
  return works.map(({ calls, overMs, connections }) => {
    const usual = meanRate * overMs
    const isTooMuch = calls > usual * tolerated && calls > usual + chance * Math.sqrt(usual)
    return known && isTooMuch && connections >= fewestConnections ? (calls - usual) / calls : 0
  })
}
