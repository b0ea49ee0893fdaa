import { resolve } from 'node:path'
import type { PriceBook } from '../accounting/price.ts'
import { openPriceBook } from '../accounting/price-book.ts'
import { loadPriceFile } from '../accounting/price-file.ts'
import { pricesPath } from '../accounting/settings.ts'
import { describeProblems } from '../config/problem.ts'
import type { Provider } from '../providers/provider.ts'
import type { Config } from './settings.ts'

export type OpenedPrices =
  | { readonly ok: true; readonly book: PriceBook; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problem: string }

/** Lays the price layers over each other: built-in list, prices file, prices of the config. */
export function openPrices(config: Config, providers: ReadonlyMap<string, Provider>, baseDir: string): OpenedPrices {
  const loaded = config.prices === undefined ? undefined : loadPriceFile(resolve(baseDir, pricesPath(config.prices)))
  if (loaded?.ok === false) return { ok: false, problem: describeProblems(loaded.problems) }
  const overrides = Object.fromEntries(
    Object.entries(config.providers).flatMap(([name, { prices }]) =>
      prices === undefined ? [] : [[name, prices] as const],
    ),
  )
  const priceProviders = new Map(
    Object.keys(config.providers).map((name) => [name, providers.get(name)?.priceProvider] as const),
  )
  const book = openPriceBook({ overrides, file: loaded?.file, priceProviders })
  return { ok: true, book, warnings: book.warnings }
}
