import type { StateHolder, StateHolders } from '../ports.ts'

/** Some five names for each answer: the last 40,000 answers or so, in about 40 MB. */
export const mostStateNames = 200_000

/** In memory, the oldest names first. */
export function openStateHolders(limit: number = mostStateNames): StateHolders {
  const holders = new Map<string, StateHolder>()
  return {
    keep: (ids, holder) => {
      for (const id of ids) {
        const known = holders.get(id)
        // Nobody takes over what is another's by naming it.
        if (known && known.organisation !== holder.organisation) continue
        holders.delete(id)
        holders.set(id, holder)
      }
      for (const oldest of holders.keys()) {
        if (holders.size <= limit) break
        holders.delete(oldest)
      }
    },
    holdersOf: async (ids) => ids.map((id) => holders.get(id)),
  }
}
