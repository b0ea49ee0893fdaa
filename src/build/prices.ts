import { basename, resolve } from 'node:path'
import { openPriceBook, type OpenedPriceBook } from '../accounting/price-book.ts'
import { loadPriceFile, readPriceFile, type PriceFile } from '../accounting/price-file.ts'
import { pricesPaths } from '../accounting/settings.ts'
import { describeProblems } from '../config/problem.ts'
import type { ConfigSources } from '../config/sources.ts'
import type { Provider } from '../providers/provider.ts'
import type { Config } from './settings.ts'

export type OpenedPrices =
  | { readonly ok: true; readonly book: OpenedPriceBook; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problem: string }

/** A prices file that is no part of the config: to see what would be if it were. */
export interface TrialFile {
  readonly name: string
  readonly text: string
}

/**
 * Lays the price layers over each other: built-in list, prices files, prices of the config.
 * @param trial takes the place of the config's file of the same name; where there is none, it lies above all of them.
 */
export function openPrices(
  config: Config,
  providers: ReadonlyMap<string, Provider>,
  from: ConfigSources,
  trial?: TrialFile,
): OpenedPrices {
  const files: PriceFile[] = []
  const sources = pricesFilesOf(config, from.baseDir).map((path) =>
    trial && basename(path) === trial.name ? trial : path,
  )
  for (const source of trial === undefined || sources.includes(trial) ? sources : [...sources, trial]) {
    // A trial is here already: its name comes from a caller, and never becomes a path.
    const loaded = typeof source === 'string' ? loadPriceFile(source, from) : readPriceFile(source.text, source.name)
    if (!loaded.ok) return { ok: false, problem: describeProblems(loaded.problems) }
    // The version is all that a usage record says of the file.
    if (files.some(({ version }) => version === loaded.file.version))
      return { ok: false, problem: `two prices files have the version "${loaded.file.version}"; give each its own` }
    files.push(loaded.file)
  }
  const overrides = Object.fromEntries(
    Object.entries(config.providers).flatMap(([name, { prices }]) =>
      prices === undefined ? [] : [[name, prices] as const],
    ),
  )
  const priceProviders = new Map(
    Object.keys(config.providers).map((name) => [name, providers.get(name)?.priceProvider] as const),
  )
  const surcharges = new Map(
    [...providers].flatMap(([name, { surchargeOf }]) => (surchargeOf ? [[name, surchargeOf] as const] : [])),
  )
  const book = openPriceBook({ overrides, files, priceProviders, surcharges })
  return { ok: true, book, warnings: book.warnings }
}

/** Where the prices files of a config are, the lowest layer first. */
export function pricesFilesOf(config: Config, baseDir: string): readonly string[] {
  return pricesPaths(config.prices).map((path) => resolve(baseDir, path))
}
