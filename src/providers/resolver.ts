import { promises as dns } from 'node:dns'
import net from 'node:net'
import type { Clock } from '../canonical/clock.ts'
import { familiesInTurn } from './address.ts'

/** Asks for the addresses of a name, in the order in which they should be tried. @throws Error with a `code`, as Node's. */
export type Lookup = (name: string) => Promise<readonly string[]>

/** The system's own: `/etc/hosts`, search domains and all. */
export const systemLookup: Lookup = async (name) => {
  const found = await dns.lookup(name, { all: true, order: 'verbatim' })
  return found.map(({ address }) => address)
}

export interface Resolver {
  /**
   * The addresses of a name, at least one; a literal address is its own.
   * @throws Error with a `code`, when DNS has no answer and there is no earlier one to fall back on.
   */
  addressesOf(name: string): Promise<Resolved>
}

export interface Resolved {
  readonly addresses: readonly string[]
  /** DNS fails or is slow; these are from before. */
  readonly isLastGood: boolean
}

/** What `addressesOf` keeps, and for how long. */
export const resolverLimits = {
  /** A good answer is used without asking again. New connections see a change within this time. */
  freshMs: 30_000,
  /** After a failure, nobody asks again for so long. */
  retryMs: 1_000,
  /** A lookup that takes longer has failed. */
  lookupMs: 10_000,
  /** Who has an earlier answer waits no longer than this for a new one. */
  patienceMs: 500,
  /** An answer this old is of no use any more. */
  lastGoodMs: 24 * 60 * 60 * 1000,
  /** Names come from the config only; this bounds what many reloads leave behind. */
  names: 1_024,
  /** Of a name: more than are ever tried, since some of them may not be. */
  addresses: 64,
} as const

/** The code of a lookup that took too long. */
export const dnsTimeoutCode = 'DNS_TIMEOUT'

interface Entry {
  addresses: readonly string[]
  goodAtMs: number
  problem: Error | undefined
  failedAtMs: number
  pending: { readonly over: Promise<void>; readonly sinceMs: number } | undefined
}

/** Resolves names with one lookup at a time for each, follows changes, and keeps the last good answer for when DNS fails. */
export function openResolver(clock: Clock, lookup: Lookup): Resolver {
  const entries = new Map<string, Entry>()

  const entryOf = (name: string): Entry => {
    const known = entries.get(name)
    if (known) return known
    const [oldest] = entries.keys()
    if (oldest !== undefined && entries.size >= resolverLimits.names) entries.delete(oldest)
    const made: Entry = { addresses: [], goodAtMs: 0, problem: undefined, failedAtMs: 0, pending: undefined }
    entries.set(name, made)
    return made
  }

  const ask = async (name: string, entry: Entry): Promise<void> => {
    try {
      const found = await within(clock, resolverLimits.lookupMs, lookup(name))
      if (found.length === 0) throw coded('ENODATA')
      entry.addresses = familiesInTurn(found).slice(0, resolverLimits.addresses)
      entry.goodAtMs = clock.monotonicMs()
      entry.problem = undefined
    } catch (thrown) {
      entry.problem = thrown instanceof Error ? thrown : coded('ENOTFOUND')
      entry.failedAtMs = clock.monotonicMs()
    } finally {
      entry.pending = undefined
    }
  }

  return {
    addressesOf: async (name) => {
      if (net.isIP(name) !== 0) return { addresses: [name], isLastGood: false }
      const entry = entryOf(name)
      const nowMs = clock.monotonicMs()
      const isGood = entry.addresses.length > 0 && entry.problem === undefined
      if (isGood && nowMs - entry.goodAtMs < resolverLimits.freshMs)
        return { addresses: entry.addresses, isLastGood: false }
      const hasLastGood = () =>
        entry.addresses.length > 0 && clock.monotonicMs() - entry.goodAtMs < resolverLimits.lastGoodMs
      const isResting = entry.problem !== undefined && nowMs - entry.failedAtMs < resolverLimits.retryMs
      if (!isResting) {
        entry.pending ??= { over: ask(name, entry), sinceMs: nowMs }
        const { over, sinceMs } = entry.pending
        if (hasLastGood()) await atMost(clock, sinceMs + resolverLimits.patienceMs - nowMs, over)
        else await over
      }
      if (entry.problem === undefined && entry.pending === undefined)
        return { addresses: entry.addresses, isLastGood: false }
      if (hasLastGood()) return { addresses: entry.addresses, isLastGood: true }
      throw entry.problem ?? coded(dnsTimeoutCode)
    },
  }
}

/** Waits for something, or for the time to run out. */
async function atMost(clock: Clock, limitMs: number, over: Promise<void>): Promise<void> {
  if (limitMs <= 0) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = clock.after(limitMs, resolve)
  await Promise.race([over, promise])
  timer.cancel()
}

async function within<T>(clock: Clock, limitMs: number, result: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = clock.after(limitMs, () => reject(coded(dnsTimeoutCode)))
  try {
    return await Promise.race([result, promise])
  } finally {
    timer.cancel()
  }
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code })
}
