import type { DatabaseThread } from './database-thread.ts'
import type { Recovery } from './recover-spool.ts'
import type { SpoolEnd, SpoolPosition } from './spool-segments.ts'

/**
 * Spools that worker processes of this gateway write into the same directory: told of here, shipped by the one thread
 * that owns the database. Each process writes under an owner id of its own, and none but the thread reads.
 */
export interface WorkerSpools {
  /** A worker's spool is written up to here: it is shipped a moment later. */
  announce(end: SpoolEnd): void
  /** The worker has closed it: the rest is shipped, and the spool deleted. Nothing may be announced of it afterwards. */
  end(end: SpoolEnd): Promise<void>
  /**
   * The worker is dead: what it left is taken in at once, its open intents as records `unknown`. Where the disk refuses, it
   * is tried again until it works. Nothing may be announced of it afterwards.
   */
  adopt(ownerId: string): Promise<Recovery>
  /** Makes or checks the reserve file of this place, from 1. */
  prepareReserve(place: number): Promise<void>
}

export function openWorkerSpools(thread: Pick<DatabaseThread, 'call'>): WorkerSpools {
  const announcers = new Map<string, (position: SpoolPosition) => void>()
  return {
    announce({ ownerId, position }) {
      let announce = announcers.get(ownerId)
      if (announce === undefined) {
        announce = announcing(thread, ownerId, () => announcers.has(ownerId))
        announcers.set(ownerId, announce)
      }
      announce(position)
    },
    async end(end) {
      announcers.delete(end.ownerId)
      await thread.call('end-spool', end)
    },
    async adopt(ownerId) {
      announcers.delete(ownerId)
      return thread.call('adopt-spool', ownerId)
    },
    prepareReserve: async (place) => thread.call('prepare-reserve', place),
  }
}

/**
 * Tells the database's thread how far a spool is, one message at a time: it may be busy with a report.
 * @param isThere whether there still is such a spool, when its turn has come to be told of once more.
 */
export function announcing(
  thread: Pick<DatabaseThread, 'call'>,
  ownerId: string,
  isThere: () => boolean = () => true,
): (position: SpoolPosition) => void {
  let latest: SpoolPosition | undefined
  let underWay: SpoolPosition | undefined
  const announce = (position: SpoolPosition): void => {
    latest = position
    if (underWay !== undefined) return
    underWay = position
    // A refusal needs no answer here: the thread tells of its own death, and of what it cannot ship.
    void thread.call('ship-soon', { ownerId, position }).then(announced, announced)
  }
  const announced = (): void => {
    const wasLatest = underWay === latest
    underWay = undefined
    if (!wasLatest && latest !== undefined && isThere()) announce(latest)
  }
  return announce
}
