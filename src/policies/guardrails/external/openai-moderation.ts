import { z } from 'zod'
import type { ExternalFinding, GuardAdapter, GuardQuestion } from './external-guard.ts'
import { below, jsonCall } from './json-call.ts'
import { kindOf } from './kind-of.ts'
import { piecesOf } from './pieces.ts'
import { nonsense, readAnswer } from './read-answer.ts'

export interface OpenAiModerationSettings {
  /** Up to what stands before `/moderations`. */
  readonly url: string
  readonly model: string
  /** The only ones that count, as kinds: `violence`, `self-harm-intent`. `undefined`: all. */
  readonly categories?: readonly string[] | undefined
}

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

/** Below the 32,768 tokens that the model reads, where a sign is a token. */
const longestPiece = 30_000
/** In one call. */
const mostPieces = 32

/**
 * OpenAI's moderation: harm of several categories, of a text as a whole. Many texts are judged in one call.
 * Source: https://platform.openai.com/docs/api-reference/moderations, read 2026-11.
 * @param threshold of the rule: a category counts from this score on. `undefined`: where the model flags it.
 */
export function openAiModeration(
  { url, model, categories }: OpenAiModerationSettings,
  threshold: number | undefined,
): GuardAdapter {
  const counts = (kind: string): boolean => categories === undefined || categories.includes(kind)
  return {
    word: (question) =>
      batchesOf(question).map((pieces) =>
        jsonCall(below(url, '/moderations'), { model, input: pieces.map(({ piece }) => piece.text) }),
      ),
    read: (question, call, answer) => {
      const pieces = batchesOf(question)[call] ?? []
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

function batchesOf(question: GuardQuestion): readonly (readonly ReturnType<typeof piecesOf>[number][])[] {
  const pieces = piecesOf(question, longestPiece)
  return Array.from({ length: Math.ceil(pieces.length / mostPieces) }, (_, batch) =>
    pieces.slice(batch * mostPieces, (batch + 1) * mostPieces),
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
