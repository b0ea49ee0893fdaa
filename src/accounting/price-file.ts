import { basename } from 'node:path'
import { z } from 'zod'
import { configSizeLimitBytes, loadConfig } from '../config/load.ts'
import { dayOrMoment, priceRow } from '../config/price-row.ts'
import type { ConfigProblem } from '../config/problem.ts'
import type { ConfigSources } from '../config/sources.ts'
import { tiedPatterns, tieOf } from '../canonical/pattern.ts'
import { rowProblems } from './price-rows.ts'

/** More rows than every provider has models; a bigger file was made by mistake (failures.md S10). */
const rowLimit = 10_000

/**
 * A prices file, in YAML or JSON: negotiated prices, or newer ones than the built-in list has.
 * @example
 * version: "2026-11-01"
 * checkedAt: 2026-11-01
 * prices:
 *   openai:
 *     gpt-6: { input: "1.25", output: "10", cacheRead: "0.125" }
 */
export const priceFile = z
  .strictObject({
    version: z
      .string()
      .regex(/^[A-Za-z0-9._:+-]{1,64}$/, 'must be 1 to 64 letters, digits and ._:+- in quotes')
      .describe('Names this state of the file in every usage record that it priced.'),
    checkedAt: dayOrMoment.describe('When a person or a program last compared the prices with their source.'),
    source: z
      .string()
      .min(1)
      .max(512)
      .describe('Where the prices were found, for rows that name no source of their own.')
      .optional(),
    prices: z
      .record(z.string().min(1).max(256), z.record(z.string().min(1).max(256), priceRow))
      .describe("By the provider's name in the config, then by model name or pattern with one `*`."),
  })
  .meta({ title: 'Prices', description: 'A prices file of Weir. It overrides the built-in list.' })

export type PriceFile = z.infer<typeof priceFile>

export type LoadedPriceFile =
  | { readonly ok: true; readonly file: PriceFile }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/** Fetches a prices file. Everything that can be wrong with it is a problem, nothing is thrown. @param path absolute. */
export function loadPriceFile(path: string, sources: ConfigSources): LoadedPriceFile {
  const fileName = basename(path)
  const file = sources.openFile(path, configSizeLimitBytes)
  if (file.ok) return readPriceFile(file.bytes.toString('utf8'), fileName)
  // By its name alone: where it lies is nothing to those who only look at prices.
  const message = file.reason.replaceAll(path, fileName)
  return { ok: false, problems: [{ fileName, line: 1, column: 1, path: '', message }] }
}

/** @param fileName for the problems only. */
export function readPriceFile(text: string, fileName: string): LoadedPriceFile {
  const loaded = loadConfig(text, fileName, priceFile)
  if (!loaded.ok) return loaded
  const file = loaded.value
  const rows = Object.entries(file.prices).flatMap(([providerName, ofProvider]) =>
    Object.entries(ofProvider).map(([pattern, row]) => ({ path: ['prices', providerName, pattern], pattern, row })),
  )
  if (rows.length > rowLimit) {
    const message = `the file has ${rows.length} rows, and at most ${rowLimit} are read; is it the right file?`
    return { ok: false, problems: [loaded.problemAt(['prices'], message)] }
  }
  const problems = rows.flatMap(({ path, pattern, row }) => [
    ...(pattern.split('*').length > 2 ? [loaded.problemAt(path, 'the pattern has more than one *')] : []),
    ...rowProblems(row).map((problem) => loaded.problemAt([...path, ...problem.path], problem.message)),
  ])
  for (const [providerName, ofProvider] of Object.entries(file.prices))
    for (const [one, other] of tiedPatterns(Object.keys(ofProvider)))
      problems.push(loaded.problemAt(['prices', providerName, other], tieOf(one, other)))
  return problems.length === 0 ? { ok: true, file } : { ok: false, problems }
}
