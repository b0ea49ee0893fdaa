import { closeSync, openSync, writeSync } from 'node:fs'
import type { Ending } from './play.ts'

/** One exchange as the provider saw it: the truth that the gateway's records are compared with (ledger.md C10). */
export interface SimulatedEntry {
  /** The provider's own id of the exchange. */
  readonly id: string
  readonly atMs: number
  /** The labels that came with it: the gateway's request id and the number of the attempt. */
  readonly requestId: string | undefined
  readonly attempt: string | undefined
  readonly path: string
  /** As it was asked for, with its parameters. Empty where none was read. */
  readonly modelName: string
  readonly isStream: boolean
  readonly status: number
  /** Written to the client. */
  readonly outputTokens: number
  readonly bytes: number
  /** What is charged for: all components zero where no work was done. */
  readonly billed: Billed
  /** `refused`: an answer with a failure status. */
  readonly ended: Ending | 'refused'
}

export interface Billed {
  readonly inputUncached: number
  readonly cacheRead: number
  readonly cacheWrite5m: number
  readonly cacheWrite1h: number
  readonly outputText: number
}

export const nothingBilled: Billed = { inputUncached: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, outputText: 0 }

export interface SimulatedLog {
  /** The newest ones, oldest first; at most `keptEntries`. */
  entries(): readonly SimulatedEntry[]
  /** Over all entries since the start. */
  totals(): Billed & { readonly exchanges: number }
}

export interface WritableLog extends SimulatedLog {
  add(entry: SimulatedEntry): void
  close(): void
}

export const keptEntries = 10_000

/** @param file appended to, one line of JSON for each entry, each written before `add` returns, so that no kill loses one. */
export function openSimulatedLog(file: string | undefined): WritableLog {
  const descriptor = file === undefined ? undefined : openSync(file, 'a')
  const entries: SimulatedEntry[] = []
  let totals = { exchanges: 0, ...nothingBilled }
  return {
    entries: () => entries.slice(-keptEntries),
    totals: () => totals,
    add: (entry) => {
      if (descriptor !== undefined) writeSync(descriptor, `${JSON.stringify(entry)}\n`)
      entries.push(entry)
      // Dropping in batches: shifting one by one would move the whole array each time.
      if (entries.length >= 2 * keptEntries) entries.splice(0, entries.length - keptEntries)
      const { billed } = entry
      totals = {
        exchanges: totals.exchanges + 1,
        inputUncached: totals.inputUncached + billed.inputUncached,
        cacheRead: totals.cacheRead + billed.cacheRead,
        cacheWrite5m: totals.cacheWrite5m + billed.cacheWrite5m,
        cacheWrite1h: totals.cacheWrite1h + billed.cacheWrite1h,
        outputText: totals.outputText + billed.outputText,
      }
    },
    close: () => {
      if (descriptor !== undefined) closeSync(descriptor)
    },
  }
}
