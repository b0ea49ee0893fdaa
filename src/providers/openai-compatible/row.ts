import type { DialectName } from '../../dialects/dialect.ts'
import type { TargetWord } from '../../dialects/translation.ts'
import { compatiblePaths, openAiPaths } from '../openai-paths.ts'

/** A provider that speaks OpenAI's API, said as data: all there is to add for one. */
export interface ProviderRow {
  /** As its makers write it. */
  readonly title: string
  /** What stands before `/chat/completions`. The config may give another. */
  readonly baseUrl: string
  /** Where the base URL was found, and when. */
  readonly source: string
  readonly speaks: readonly [RowDialect, ...RowDialect[]]
  /** Words of a translated call beyond OpenAI's published ones, or in place of them. */
  readonly takes: readonly TargetWord[]
  /** Top-level keys of OpenAI's for which it refuses a whole call. */
  readonly refuses?: readonly string[]
  /** Whose list prices apply, by the id in genai-prices. Absent: prices are set in the config, or its models are unpriced. */
  readonly priceProvider?: string
  /** The day of the recorded exchange that its golden case plays, `YYYY-MM-DD`. Absent: nobody has seen it work. */
  readonly recordedOn?: string
  /** What is odd about it, each with source and date. */
  readonly quirks?: readonly string[]
}

/** Where each dialect is, after the base URL. */
export const rowPaths = {
  'openai-chat': '/chat/completions',
  'openai-responses': '/responses',
  ...openAiPaths(''),
  ...compatiblePaths(''),
} as const satisfies Partial<Record<DialectName, string>>

export type RowDialect = keyof typeof rowPaths
