import { z } from 'zod'
import type { GuardAdapter } from './external-guard.ts'
import { below, jsonCall } from './json-call.ts'
import { kindOf } from './kind-of.ts'
import { ofWhole, onePieceACall } from './pieces.ts'
import { mostFindings, readAnswer } from './read-answer.ts'

export const azureCategories = ['Hate', 'SelfHarm', 'Sexual', 'Violence'] as const

export interface AzureContentSafetySettings {
  /** Of the resource: `https://NAME.cognitiveservices.azure.com`. */
  readonly url: string
  readonly categories: readonly (typeof azureCategories)[number][]
  /** From which severity on a category counts: 1 to 7. */
  readonly severity: number
  readonly blocklists: readonly string[]
}

/** The signs of one call. */
export const longestAzureText = 10_000
export const azureContentSafetyVersion = '2024-09-01'
const worstSeverity = 7

/**
 * Azure AI Content Safety: how severe harm of four categories is, and lists of terms, of a text as a whole.
 * Source: Microsoft Learn, "Text Operations - Analyze Text", version 2024-09-01 (https://learn.microsoft.com/rest/api/contentsafety/
 * text-operations/analyze-text), read 2026-11.
 */
export function azureContentSafety(settings: AzureContentSafetySettings): GuardAdapter {
  const { url, categories, severity: least, blocklists } = settings
  return onePieceACall(longestAzureText, {
    word: ({ text }) =>
      jsonCall(below(url, `/contentsafety/text:analyze?api-version=${azureContentSafetyVersion}`), {
        text,
        categories,
        outputType: 'EightSeverityLevels',
        ...(blocklists.length > 0 && { blocklistNames: blocklists, haltOnBlocklistHit: false }),
      }),
    read: (_piece, answer) => {
      const { categoriesAnalysis, blocklistsMatch } = readAnswer('Azure AI Content Safety', answer, shape)
      return [
        ...categoriesAnalysis
          .filter(({ severity }) => severity >= least)
          .map(({ category, severity }) => ofWhole(kindOf(category, 'harm'), severity / worstSeverity)),
        ...(blocklistsMatch ?? []).map(({ blocklistName }) => ofWhole(kindOf(blocklistName, 'blocklist'))),
      ]
    },
  })
}

const shape = z.object({
  categoriesAnalysis: z
    .array(z.object({ category: z.string(), severity: z.number().int().min(0).max(worstSeverity) }))
    .max(mostFindings),
  blocklistsMatch: z
    .array(z.object({ blocklistName: z.string() }))
    .max(mostFindings)
    .nullish(),
})
