import type { Clock } from '../canonical/clock.ts'

/** How long after a failure what a dead worker left is taken in again; each wait is twice the one before. */
const firstWaitMs = 1_000
const longestWaitMs = 60_000

/**
 * Takes in what a dead worker left, again and again until it is done: until then its holds stay set aside, and nobody else may
 * spend them. The first try is waited for.
 * @param takeIn may be called again after it has failed.
 * @param onFailure told of each failure, and when the next try comes.
 */
export async function untilTakenIn(
  clock: Clock,
  takeIn: () => Promise<void>,
  onFailure: (thrown: unknown, nextInMs: number) => void,
): Promise<void> {
  await tryAgain(firstWaitMs)

  async function tryAgain(waitMs: number): Promise<void> {
    try {
      await takeIn()
    } catch (thrown) {
      onFailure(thrown, waitMs)
      clock.after(waitMs, () => void tryAgain(Math.min(2 * waitMs, longestWaitMs)))
    }
  }
}
