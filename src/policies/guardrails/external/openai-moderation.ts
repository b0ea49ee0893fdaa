import { z } from 'zod'
import { baseUrl } from '../../../config/base-url.ts'
import { networkSettings } from '../../../config/network-settings.ts'
import { secretRef } from '../../../config/secrets.ts'
import type { ExternalFinding, GuardAdapter } from './external-guard.ts'
import { below, jsonCall } from './json-call.ts'
import { kindOf } from './kind-of.ts'
import { openPieces, type PlacedPiece } from './pieces.ts'
import { nonsense, readAnswer } from './read-answer.ts'

/** https://platform.openai.com/docs/api-reference/moderations/object, read 2026-11: `a/b` there is `a-b` here. */
export const moderationCategories = [
  'harassment',
  'harassment-threatening',
  'hate',
  'hate-threatening',
  'illicit',
  'illicit-violent',
  'self-harm',
  'self-harm-instructions',
  'self-harm-intent',
  'sexual',
  'sexual-minors',
  'violence',
  'violence-graphic',
] as const

export const openAiModerationSettings = z.strictObject({
  kind: z.literal('openai-moderation').describe("OpenAI's moderation: harm of several categories."),
  url: baseUrl.describe('Default: `https://api.openai.com/v1`.').optional(),
  key: secretRef.describe('Its key: a reference, `env:NAME` or `file:PATH`.'),
  model: z.string().min(1).max(128).describe('The model that judges. Default: `omni-moderation-latest`.').optional(),
  categories: z
    .array(z.enum(moderationCategories))
    .min(1)
    .describe('The only categories that count. Default: all.')
    .optional(),
  network: networkSettings.optional(),
})

export const openAiAddress = 'https://api.openai.com/v1'
const standardModel = 'omni-moderation-latest'

/** Below the 32,768 tokens that the model reads, where a sign is a token. */
export const longestModeratedText = 30_000
/** In one call. */
export const mostModeratedTexts = 32

/**
 * OpenAI's moderation: harm of several categories, of a text as a whole. Many texts are judged in one call.
 * Source: https://platform.openai.com/docs/api-reference/moderations, read 2026-11.
 * @param threshold of the rule: a category counts from this score on. `undefined`: where the model flags it.
 */
export function openAiModeration(
  {
    url = openAiAddress,
    model = standardModel,
    categories,
  }: Pick<z.infer<typeof openAiModerationSettings>, 'url' | 'model' | 'categories'>,
  threshold: number | undefined,
): GuardAdapter {
  const piecesOf = openPieces(longestModeratedText)
  const counts = (kind: string): boolean => categories === undefined || categories.some((one) => one === kind)
  return {
    word: (question) =>
      inBatches(piecesOf(question)).map((pieces) =>
        jsonCall(below(url, '/moderations'), { model, input: pieces.map(({ piece }) => piece.text) }),
      ),
    read: (question, call, answer) => {
      const pieces = inBatches(piecesOf(question))[call] ?? []
      const { results } = readAnswer('OpenAI moderation', answer, shape)
      if (results.length !== pieces.length) throw nonsense('OpenAI moderation', 'judged another number of texts')
      return results.flatMap((result, place) => {
        const text = pieces[place]?.text ?? 0
        return findingsOf(result, threshold)
          .filter(({ kind }) => counts(kind))
          .map(({ kind, score }): ExternalFinding => ({ text, kind, score, span: undefined, replacement: undefined }))
      })
    },
  }
}

function inBatches(pieces: readonly PlacedPiece[]): readonly (readonly PlacedPiece[])[] {
  return Array.from({ length: Math.ceil(pieces.length / mostModeratedTexts) }, (_, batch) =>
    pieces.slice(batch * mostModeratedTexts, (batch + 1) * mostModeratedTexts),
  )
}

/** `illicit` is null where the model is an older one. */
const shape = z.object({
  results: z.array(
    z.object({
      flagged: z.boolean(),
      categories: z.record(z.string(), z.boolean().nullable()),
      category_scores: z.record(z.string(), z.number().min(0).max(1).nullable()),
    }),
  ),
})

function findingsOf(
  { flagged, categories, category_scores: scores }: z.output<typeof shape>['results'][number],
  threshold: number | undefined,
): readonly Pick<ExternalFinding, 'kind' | 'score'>[] {
  const scoreOf = new Map(Object.entries(scores))
  const found = [...new Set([...Object.keys(categories), ...scoreOf.keys()])].flatMap((category) => {
    const score = scoreOf.get(category) ?? undefined
    const isFlagged = Object.hasOwn(categories, category) && categories[category] === true
    const isFound = threshold === undefined || score === undefined ? isFlagged : score >= threshold
    return isFound ? [{ kind: kindOf(category, 'flagged'), score }] : []
  })
  // Flagged for something that it has no word for.
  const isUnexplained = flagged && !Object.values(categories).includes(true)
  return isUnexplained ? [...found, { kind: 'flagged', score: undefined }] : found
}
