import { z } from 'zod'
import { baseUrl } from '../../../config/base-url.ts'
import { networkSettings } from '../../../config/network-settings.ts'
import { secretRef } from '../../../config/secrets.ts'
import type { GuardAdapter } from './external-guard.ts'
import { below, jsonCall } from './json-call.ts'
import { kindOf } from './kind-of.ts'
import { onePieceACall, type Piece, type PieceFinding } from './pieces.ts'
import { mostFindings, nonsense, readAnswer } from './read-answer.ts'
import { codePointSpans } from './spans.ts'

export const httpGuardSettings = z.strictObject({
  kind: z
    .literal('http')
    .describe('A service that answers `POST /analyze` with an action, findings and a replacement.'),
  url: baseUrl.describe('Where it is, up to what stands before its paths.'),
  key: secretRef.describe('Its key: a reference, `env:NAME` or `file:PATH`.').optional(),
  network: networkSettings.optional(),
})

/**
 * A guard of one's own (behaviour.md E11): one text a call, places in code points, end exclusive. What it says to do is not done, since
 * the rule's action is. A service that allows has found nothing, whatever else it lists.
 */
export function httpGuard({ url }: Pick<z.infer<typeof httpGuardSettings>, 'url'>): GuardAdapter {
  return onePieceACall(Infinity, {
    word: ({ text, phase }) => jsonCall(below(url, '/analyze'), { text, context: { stage: phase } }),
    read: (piece, answer) => findingsOf(piece, readAnswer(service, answer, shape)),
  })
}

const service = 'at /analyze'

const shape = z.object({
  action: z.enum(['allow', 'block', 'modify']),
  findings: z
    .array(
      z.object({
        type: z.string(),
        start: z.number(),
        end: z.number(),
        score: z.number().min(0).max(1).nullish(),
      }),
    )
    .max(mostFindings)
    .nullish(),
  replacement: z.string().nullish(),
})

function findingsOf(
  { text }: Piece,
  { action, findings, replacement: written }: z.output<typeof shape>,
): readonly PieceFinding[] {
  if (action === 'allow') return []
  const replacement = written ?? undefined
  if (!findings || findings.length === 0) {
    if (action === 'modify' && replacement === undefined)
      throw nonsense(service, 'would change a text, and says neither where nor how')
    return [{ kind: 'content', score: undefined, span: undefined, replacement }]
  }
  const spanOf = codePointSpans(text)
  return findings.map(({ type, start, end, score }) => {
    const span = spanOf(start, end)
    if (!span) throw nonsense(service, 'names a place that is not in the text')
    return { kind: kindOf(type, 'content'), score: score ?? undefined, span, replacement }
  })
}
