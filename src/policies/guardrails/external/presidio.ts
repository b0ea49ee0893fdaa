import { z } from 'zod'
import { baseUrl } from '../../../config/base-url.ts'
import { networkSettings } from '../../../config/network-settings.ts'
import { secretRef } from '../../../config/secrets.ts'
import type { GuardAdapter } from './external-guard.ts'
import { below, jsonCall } from './json-call.ts'
import { kindOf } from './kind-of.ts'
import { onePieceACall } from './pieces.ts'
import { mostFindings, nonsense, readAnswer } from './read-answer.ts'
import { codePointSpans } from './spans.ts'

export const presidioSettings = z.strictObject({
  kind: z.literal('presidio').describe("Presidio's analyzer: personal data."),
  url: baseUrl.describe('Where it is, up to what stands before its paths.'),
  key: secretRef.describe('Its key: a reference, `env:NAME` or `file:PATH`.').optional(),
  language: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$/, 'must be a language such as en')
    .describe('Of the texts, such as `en`: Presidio does not find out itself.'),
  entities: z
    .array(z.string().regex(/^[A-Za-z0-9_]{1,64}$/, 'must be an entity such as PERSON'))
    .min(1)
    .max(200)
    .describe("What to look for, in Presidio's words, such as `PERSON`. Default: all that it knows.")
    .optional(),
  network: networkSettings.optional(),
})

/**
 * Presidio's analyzer: personal data, with places and scores.
 * Source: Presidio's API specification (https://microsoft.github.io/presidio/api-docs/api-docs.html) and its analyzer's README, read
 * 2026-11. Places count code points, since it is Python's.
 * @param threshold of the rule: what scores less is not told at all.
 */
export function presidio(
  { url, language, entities }: Pick<z.infer<typeof presidioSettings>, 'url' | 'language' | 'entities'>,
  threshold: number | undefined,
): GuardAdapter {
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
