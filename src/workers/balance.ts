/** What one worker has had to do since it was last asked. */
export interface Work {
  readonly calls: number
  /** Clients' connections that are open. */
  readonly connections: number
}

/** A worker may have so much more than its fellows have on average: less comes and goes by chance. */
const tolerated = 1.25
/** So few calls of each worker say nothing, and trouble nobody. */
const fewestCalls = 40
/** Of fewer connections, one that is moved takes its load to the next worker, and nothing is gained. */
const fewestConnections = 4

/**
 * Which share of its clients each worker is to send away, so that all have as much to do as their fellows. Whoever accepts from
 * one socket as the others takes what comes while it is awake: of clients that connect together, one worker may get nearly
 * all, and keeps them as long as their connections live. Whoever is sent away may come back, so it takes some rounds.
 */
export function sharesToMove(works: readonly Work[]): readonly number[] {
  const mean = works.reduce((sum, { calls }) => sum + calls, 0) / works.length
  return works.map(({ calls, connections }) =>
    mean >= fewestCalls && calls > mean * tolerated && connections >= fewestConnections ? (calls - mean) / calls : 0,
  )
}
