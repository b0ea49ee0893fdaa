import { z } from 'zod'
import { azureAccess, azureSafetyVersion, longestAzureText } from './azure-access.ts'
import type { GuardAdapter } from './external-guard.ts'
import { below, jsonCall } from './json-call.ts'
import { kindOf } from './kind-of.ts'
import { ofWhole, onePieceACall } from './pieces.ts'
import { mostFindings, readAnswer } from './read-answer.ts'

const categoryWords = { hate: 'Hate', 'self-harm': 'SelfHarm', sexual: 'Sexual', violence: 'Violence' } as const
const allCategories = ['hate', 'self-harm', 'sexual', 'violence'] as const satisfies (keyof typeof categoryWords)[]

const worstSeverity = 7
/** "Medium", from which Azure's own filters block where nothing else is said. */
const standardSeverity = 4

export const azureContentSafetySettings = z.strictObject({
  kind: z
    .literal('azure-content-safety')
    .describe('Azure AI Content Safety: harm of four categories, and lists of terms.'),
  ...azureAccess,
  categories: z
    .array(z.enum(allCategories))
    .min(1)
    .describe('The only categories that count. Default: all.')
    .optional(),
  severity: z
    .int()
    .min(1)
    .max(worstSeverity)
    .describe('From which severity on a category counts, 1 to 7. Default 4.')
    .optional(),
  blocklists: z
    .array(z.string().regex(/^[0-9A-Za-z._~-]{1,64}$/, 'must be the name of a blocklist'))
    .min(1)
    .max(10)
    .describe('Lists of terms of the resource, by their names. Default: none.')
    .optional(),
})

/**
 * Azure AI Content Safety: how severe harm of four categories is, and lists of terms, of a text as a whole.
 * Source: Microsoft Learn, "Text Operations - Analyze Text", version 2024-09-01 (https://learn.microsoft.com/rest/api/contentsafety/
 * text-operations/analyze-text), read 2026-11.
 */
export function azureContentSafety({
  url,
  categories = allCategories,
  severity: least = standardSeverity,
  blocklists,
}: Pick<z.infer<typeof azureContentSafetySettings>, 'url' | 'categories' | 'severity' | 'blocklists'>): GuardAdapter {
  return onePieceACall(longestAzureText, {
    word: ({ text }) =>
      jsonCall(below(url, `/contentsafety/text:analyze?api-version=${azureSafetyVersion}`), {
        text,
        categories: categories.map((category) => categoryWords[category]),
        outputType: 'EightSeverityLevels',
        ...(blocklists && { blocklistNames: blocklists, haltOnBlocklistHit: false }),
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
