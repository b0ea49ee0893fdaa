import { z } from 'zod'
import { baseUrl } from '../../../config/base-url.ts'
import { networkSettings } from '../../../config/network-settings.ts'
import { secretRef } from '../../../config/secrets.ts'
import type { GuardAdapter } from './external-guard.ts'
import { below, jsonCall } from './json-call.ts'
import { kindOf } from './kind-of.ts'
import { ofWhole, onePieceACall, type Piece, type PieceFinding } from './pieces.ts'
import { allOf, mostFindings, nonsense, readAnswer } from './read-answer.ts'
import { codePointSpans, occurrencesOf } from './spans.ts'

export const lakeraSettings = z.strictObject({
  kind: z
    .literal('lakera')
    .describe('Lakera Guard: attacks, personal data, harm and links, by the policy of a project.'),
  url: baseUrl.describe('Default: `https://api.lakera.ai`.').optional(),
  key: secretRef
    .describe('Its key: a reference, `env:NAME` or `file:PATH`. One of your own hosting may need none.')
    .optional(),
  project: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,128}$/, 'must be the id of a project')
    .describe("The project whose policy says what is looked for. Default: Lakera's own policy.")
    .optional(),
  network: networkSettings.optional(),
})

export const lakeraAddress = 'https://api.lakera.ai'

/**
 * Lakera Guard: attacks on the model, personal data, harm, unknown links, by the policy of a project. One call for each text, since it
 * judges the last of several messages.
 * Source: Lakera's docs, "Screen content" (https://docs.lakera.ai/api-reference/lakera-api/guard/screen-content) and "Guard API
 * endpoint" (https://docs.lakera.ai/docs/api/guard), read 2026-11.
 */
export function lakera({
  url = lakeraAddress,
  project,
}: Pick<z.infer<typeof lakeraSettings>, 'url' | 'project'>): GuardAdapter {
  return onePieceACall(Infinity, {
    word: (piece) =>
      jsonCall(below(url, '/v2/guard'), {
        messages: [{ role: roleOf(piece), content: piece.text }],
        ...(project !== undefined && { project_id: project }),
        breakdown: true,
        payload: true,
      }),
    read: ({ text }, answer) => {
      const { flagged, breakdown, payload } = readAnswer('Lakera', answer, shape)
      const placed = allOf('Lakera', placedIn(text, payload ?? []))
      const detected = (breakdown ?? [])
        .filter((one) => one.detected)
        .map((one) => ofWhole(kindOf(one.detector_type, 'flagged')))
        .filter(({ kind }) => !placed.some((finding) => finding.kind === kind))
      // Flagged for what it does not tell.
      const isUnexplained = flagged && placed.length + detected.length === 0
      return [...placed, ...detected, ...(isUnexplained ? [ofWhole('flagged')] : [])]
    },
  })
}

/** Operators tell their models all that attacks would. */
function roleOf({ phase, place }: Piece): 'system' | 'user' | 'assistant' {
  if (phase === 'output') return 'assistant'
  switch (place) {
    case 'system':
    case 'tool-definition':
      return 'system'
    case 'assistant':
    case 'reasoning':
    case 'refusal':
    case 'tool-arguments':
      return 'assistant'
    case 'user':
    case 'tool-result':
    case 'document':
    case 'file-name':
    case 'other':
      return 'user'
  }
}

const shape = z.object({
  flagged: z.boolean(),
  breakdown: z
    .array(z.object({ detector_type: z.string(), detected: z.boolean() }))
    .max(mostFindings)
    .nullish(),
  payload: z
    .array(z.object({ start: z.number(), end: z.number(), text: z.string().nullish(), detector_type: z.string() }))
    .max(mostFindings)
    .nullish(),
})

type Payload = NonNullable<z.output<typeof shape>['payload']>

/**
 * Its documentation does not say what its places count, and it tells the words beside them: the words decide.
 * @throws GuardFailure `nonsense` where they are not in the text.
 */
function* placedIn(text: string, payload: Payload): Generator<PieceFinding> {
  const spanOf = codePointSpans(text)
  for (const { start, end, text: words, detector_type: type } of payload) {
    const kind = kindOf(type, 'flagged')
    const told = spanOf(start, end)
    const isSame = told && (typeof words !== 'string' || text.slice(told.start, told.end) === words)
    let isPlaced = false
    for (const span of isSame ? [told] : occurrencesOf(text, words ?? '')) {
      isPlaced = true
      yield { kind, score: undefined, span, replacement: undefined }
    }
    if (!isPlaced) throw nonsense('Lakera', 'names a place that is not in the text')
  }
}
