import { z } from 'zod'
import type { GuardAdapter } from './external-guard.ts'
import { below, jsonCall } from './json-call.ts'
import { kindOf } from './kind-of.ts'
import { onePieceACall } from './pieces.ts'
import { mostFindings, nonsense, readAnswer } from './read-answer.ts'
import { codePointSpans } from './spans.ts'

export interface PresidioSettings {
  /** Where the analyzer is: `http://presidio:5002`. */
  readonly url: string
  /** Of the texts, such as `en`: Presidio does not find out itself. */
  readonly language: string
  /** In Presidio's words. `undefined`: all that it knows. */
  readonly entities?: readonly string[] | undefined
}

/**
 * Presidio's analyzer: personal data, with places and scores.
 * Source: Presidio's API specification (https://microsoft.github.io/presidio/api-docs/api-docs.html) and its analyzer's README, read
 * 2026-11. Places count code points, since it is Python's.
 * @param threshold of the rule: what scores less is not told at all.
 */
export function presidio({ url, language, entities }: PresidioSettings, threshold: number | undefined): GuardAdapter {
  return onePieceACall(Infinity, {
    word: ({ text }) =>
      jsonCall(below(url, '/analyze'), {
        text,
        language,
        ...(entities !== undefined && { entities }),
        ...(threshold !== undefined && { score_threshold: threshold }),
      }),
    read: ({ text }, answer) => {
      const spanOf = codePointSpans(text)
      return readAnswer('Presidio', answer, shape).map(({ entity_type: entity, start, end, score }) => {
        const span = spanOf(start, end)
        if (!span) throw nonsense('Presidio', 'names a place that is not in the text')
        return { kind: kindOf(entity, 'entity'), score, span, replacement: undefined }
      })
    },
  })
}

const shape = z
  .array(z.object({ entity_type: z.string(), start: z.number(), end: z.number(), score: z.number().min(0).max(1) }))
  .max(mostFindings)
