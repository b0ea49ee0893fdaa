import { turnedClock } from './turned-clock.ts'
import { openStateHolders, type KeptStateHolders, type StateTable } from '../src/stores/embedded/state-holders.ts'

/** Remembers nothing. */
const noTable: StateTable = {
  write: () => Promise.resolve(),
  read: (ids) => Promise.resolve(ids.map(() => undefined)),
  page: () => Promise.resolve([]),
  remove: () => Promise.resolve(),
  openOf: () => Promise.resolve(undefined),
  takeOpen: () => Promise.resolve(undefined),
}

/** Who holds what, in memory only. */
export function openMemoryHolders(limit?: number): KeptStateHolders {
  const failed = (thrown: unknown): never => {
    throw thrown
  }
  return openStateHolders({
    table: noTable,
    clock: turnedClock(),
    onFailure: failed,
    ...(limit !== undefined && { limit }),
  })
}
