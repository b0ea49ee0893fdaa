import { z } from 'zod'
import type { GuardAdapter } from './external-guard.ts'
import { below, jsonCall } from './json-call.ts'
import { kindOf } from './kind-of.ts'
import { ofWhole, onePieceACall, type Piece, type PieceFinding } from './pieces.ts'
import { allOf, mostFindings, readAnswer } from './read-answer.ts'
import { occurrencesOf } from './spans.ts'

export const bedrockGuardrailSettings = z.strictObject({
  kind: z.literal('bedrock-guardrail').describe('A guardrail of Amazon Bedrock.'),
  provider: z
    .string()
    .describe('The provider of kind `bedrock` whose region and credentials are used, and whose network.'),
  guardrail: z
    .string()
    .regex(
      /^(?:[a-z0-9]{1,64}|arn:aws[a-z-]*:bedrock:[a-z0-9-]{1,20}:\d{12}:guardrail\/[a-z0-9]{1,64})$/,
      'must be the id or the ARN of a guardrail',
    )
    .describe('Its id or ARN.'),
  version: z
    .string()
    .regex(/^(?:[1-9]\d{0,7}|DRAFT)$/, "must be a version such as '1', or DRAFT")
    .describe("Its version: a number in quotes, such as `'1'`, or `DRAFT`."),
})

/** The text units of one call that an account has without asking for more, of 1,000 signs each. */
export const longestBedrockText = 25_000

/**
 * A guardrail of Amazon Bedrock, applied by itself: topics, harm, attacks, words, personal data, patterns.
 * Source: AWS docs, ApplyGuardrail and the types it names (https://docs.aws.amazon.com/bedrock/latest/APIReference/
 * API_runtime_ApplyGuardrail.html) and "Use the ApplyGuardrail API in your application", read 2026-11.
 * @param url the runtime of its region: `https://bedrock-runtime.eu-central-1.amazonaws.com`.
 */
export function bedrockGuardrail(
  { guardrail, version }: Pick<z.infer<typeof bedrockGuardrailSettings>, 'guardrail' | 'version'>,
  url: string,
): GuardAdapter {
  const path = `/guardrail/${encodeURIComponent(guardrail)}/version/${encodeURIComponent(version)}/apply`
  return onePieceACall(longestBedrockText, {
    word: ({ phase, text }) =>
      jsonCall(below(url, path), {
        source: phase === 'input' ? 'INPUT' : 'OUTPUT',
        content: [{ text: { text } }],
      }),
    read: (piece, answer) => findingsOf(piece, readAnswer('Bedrock', answer, shape)),
  })
}

const action = { action: z.string(), detected: z.boolean().nullish() }
const listOf = <Item extends z.ZodRawShape>(item: Item) => z.array(z.object(item)).max(mostFindings).nullish()

const shape = z.object({
  action: z.enum(['NONE', 'GUARDRAIL_INTERVENED']),
  outputs: z.array(z.object({ text: z.string().nullish() })).nullish(),
  assessments: z
    .array(
      z.object({
        topicPolicy: z.object({ topics: listOf({ name: z.string(), ...action }) }).nullish(),
        contentPolicy: z
          .object({ filters: listOf({ type: z.string(), confidence: z.string().nullish(), ...action }) })
          .nullish(),
        wordPolicy: z
          .object({
            customWords: listOf({ match: z.string(), ...action }),
            managedWordLists: listOf({ match: z.string(), type: z.string(), ...action }),
          })
          .nullish(),
        sensitiveInformationPolicy: z
          .object({
            piiEntities: listOf({ match: z.string(), type: z.string(), ...action }),
            regexes: listOf({ match: z.string().nullish(), name: z.string().nullish(), ...action }),
          })
          .nullish(),
        contextualGroundingPolicy: z
          .object({ filters: listOf({ type: z.string(), score: z.number().min(0).max(1).nullish(), ...action }) })
          .nullish(),
      }),
    )
    .max(mostFindings)
    .nullish(),
})

type Answer = z.output<typeof shape>
type Assessment = NonNullable<Answer['assessments']>[number]

/** One line of an assessment, whatever its policy. */
interface Sight {
  readonly kind: string
  readonly action: string
  readonly detected?: boolean | null | undefined
  readonly score?: number | undefined
  /** The words that it saw. */
  readonly match?: string | null | undefined
}

function findingsOf(piece: Piece, answer: Answer): readonly PieceFinding[] {
  const seen = (answer.assessments ?? []).flatMap(sightsOf).filter(isSeen)
  // Where it blocks, what it puts out is its own sentence in place of the text.
  const isAnonymized = seen.length > 0 && seen.every((sight) => sight.action !== 'BLOCKED')
  const rewritten =
    answer.action === 'GUARDRAIL_INTERVENED' && isAnonymized && answer.outputs?.length === 1
      ? (answer.outputs[0]?.text ?? undefined)
      : undefined
  const findings = allOf('Bedrock', placed(piece, seen, rewritten))
  return answer.action === 'GUARDRAIL_INTERVENED' && seen.length === 0 ? [ofWhole('intervened')] : findings
}

function sightsOf(assessment: Assessment): readonly Sight[] {
  const { topicPolicy, contentPolicy, wordPolicy, sensitiveInformationPolicy, contextualGroundingPolicy } = assessment
  return [
    ...(topicPolicy?.topics ?? []).map((topic) => ({ ...topic, kind: kindOf(topic.name, 'topic') })),
    ...(contentPolicy?.filters ?? []).map((filter) => ({
      ...filter,
      kind: kindOf(filter.type, 'content'),
      score: confidences.get(filter.confidence ?? ''),
    })),
    ...(wordPolicy?.customWords ?? []).map((word) => ({ ...word, kind: 'word' })),
    ...(wordPolicy?.managedWordLists ?? []).map((word) => ({ ...word, kind: kindOf(word.type, 'word') })),
    ...(sensitiveInformationPolicy?.piiEntities ?? []).map((one) => ({ ...one, kind: kindOf(one.type, 'pii') })),
    ...(sensitiveInformationPolicy?.regexes ?? []).map((one) => ({ ...one, kind: kindOf(one.name ?? '', 'regex') })),
    ...(contextualGroundingPolicy?.filters ?? []).map((filter) => ({
      ...filter,
      kind: kindOf(filter.type, 'grounding'),
      // It tells how well grounded an answer is.
      score: typeof filter.score === 'number' ? 1 - filter.score : undefined,
    })),
  ]
}

/** A policy that only detects tells `NONE`, and that it detected something: what follows is the rule's to say. */
function isSeen({ action, detected }: Sight): boolean {
  return detected ?? action !== 'NONE'
}

/** How sure it is, in its own four steps. */
const confidences: ReadonlyMap<string, number> = new Map([
  ['NONE', 0],
  ['LOW', 1 / 3],
  ['MEDIUM', 2 / 3],
  ['HIGH', 1],
])

/** It tells what it saw, and not where: every place that holds the same words. */
function* placed({ text }: Piece, seen: readonly Sight[], rewritten: string | undefined): Generator<PieceFinding> {
  for (const { kind, score, match } of seen) {
    let isPlaced = false
    for (const span of occurrencesOf(text, match ?? '')) {
      isPlaced = true
      yield { kind, score, span, replacement: undefined }
    }
    if (!isPlaced) yield { kind, score, span: undefined, replacement: rewritten }
  }
}
