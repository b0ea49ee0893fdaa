import { compare, type Mismatch } from '../crash/compare.ts'
import type { Left } from './house.ts'

/** The providers of the config that tell the simulated one whose call it is (`surroundings.ts`). */
const labelled: ReadonlySet<string | undefined> = new Set(['one', 'two', 'three'])

/**
 * Holds the books against what the provider itself knows it served (M9, I5, I6), over all cases of a house.
 * @param altered ids of exchanges whose bytes were altered on the way: nobody can know what was said there.
 */
export function mismatchesOf({ records, served }: Left, altered: ReadonlySet<string> = new Set()): readonly Mismatch[] {
  const told = served.filter(({ requestId }) => requestId !== undefined && !altered.has(requestId))
  const numbers = new Set(told.map(({ requestId, attempt }) => `${requestId}/${attempt}`))
  const mismatches = compare([], told, records)
  // What went to other providers, or was altered, the provider cannot know of.
  const known = new Set(
    records
      .filter(({ provider, requestId }) => labelled.has(provider) && !altered.has(requestId))
      .map(({ requestId, attempt }) => `${requestId}/${attempt}`),
  )
  return mismatches.filter(
    ({ at, why }) => !why.includes('the provider never saw it') || known.has(at) || numbers.has(at),
  )
}
