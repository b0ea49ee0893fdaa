import type { Clock } from '../../canonical/clock.ts'
import type { KeptObject, ObjectsQuestion, OpenAsked, StateHolder, StateHolders } from '../ports/state-holders.ts'

/** Some five names for each answer: the last 40,000 answers or so, in about 40 MB. What is older is asked of the table. */
export const mostStateNames = 200_000

/** Names that may wait to be written. Beyond it the oldest are not: later calls that name them are refused. */
export const mostUnwritten = 50_000
const mostInOneWrite = 5_000

/** Where names outlive the process. */
export interface StateTable {
  write(objects: readonly KeptObject[]): Promise<void>
  read(ids: readonly string[]): Promise<readonly (StateHolder | undefined)[]>
  page(question: ObjectsQuestion): Promise<readonly string[]>
  remove(id: string): Promise<void>
  openOf(asked: OpenAsked): Promise<string | undefined>
  takeOpen(asked: OpenAsked): Promise<string | undefined>
}

export interface KeptStateHolders extends StateHolders {
  /** An organisation is no more: drops what memory holds of it. The table is told by whoever removes it. */
  forgetAllOf(organisation: string): void
  /** Resolves when everything that was kept is written, or cannot be. */
  written(): Promise<void>
}

export interface StateHoldersParts {
  readonly table: StateTable
  readonly clock: Clock
  /** Names of answers could not be written: after a restart nobody knows them. */
  readonly onFailure: (thrown: unknown) => void
  readonly limit?: number
}

/** The newest names in memory, all of them in the table. */
export function openStateHolders({
  table,
  clock,
  onFailure,
  limit = mostStateNames,
}: StateHoldersParts): KeptStateHolders {
  const holders = new Map<string, StateHolder>()
  const unwritten: KeptObject[] = []
  let writing: Promise<void> | undefined

  const remember = (id: string, holder: StateHolder): void => {
    holders.delete(id)
    holders.set(id, holder)
    for (const oldest of holders.keys()) {
      if (holders.size <= limit) break
      holders.delete(oldest)
    }
  }
  const writeAll = async (): Promise<void> => {
    while (unwritten.length > 0)
      try {
        await table.write(unwritten.splice(0, mostInOneWrite))
      } catch (thrown) {
        onFailure(thrown)
      }
    writing = undefined
  }
  return {
    keep: (ids, holder) => {
      const keptAtMs = clock.nowMs()
      for (const id of ids) {
        const known = holders.get(id)
        // Nobody takes over what is another's by naming it.
        if (known && known.organisation !== holder.organisation) continue
        remember(id, holder)
        unwritten.push({ id, holder, keptAtMs, open: undefined })
      }
      if (unwritten.length > mostUnwritten) unwritten.splice(0, unwritten.length - mostUnwritten)
      writing ??= writeAll()
    },
    keepObject: async (object) => {
      await table.write([object])
      const [kept] = await table.read([object.id])
      if (kept) remember(object.id, kept)
      return kept?.organisation === object.holder.organisation
    },
    holdersOf: async (ids) => {
      const known = ids.map((id) => holders.get(id))
      const missing = ids.filter((_, place) => known[place] === undefined)
      if (missing.length === 0) return known
      const read = await table.read(missing)
      const found = new Map(missing.map((id, place) => [id, read[place]]))
      return ids.map((id, place) => known[place] ?? found.get(id))
    },
    objectsOf: (question) => table.page(question),
    forget: async (id) => {
      holders.delete(id)
      await table.remove(id)
    },
    forgetAllOf: (organisation) => {
      for (const [id, holder] of holders) if (holder.organisation === organisation) holders.delete(id)
      const others = unwritten.splice(0).filter(({ holder }) => holder.organisation !== organisation)
      unwritten.push(...others)
    },
    openOf: (asked) => table.openOf(asked),
    takeOpen: (asked) => table.takeOpen(asked),
    written: () => writing ?? Promise.resolve(),
  }
}
