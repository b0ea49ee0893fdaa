import { z } from 'zod'
import { baseUrl } from '../../../config/base-url.ts'
import { networkSettings } from '../../../config/network-settings.ts'
import type { GuardAdapter } from './external-guard.ts'
import { below, jsonCall } from './json-call.ts'
import { kindOf } from './kind-of.ts'
import { ofWhole, onePieceACall, type Piece, type PieceFinding } from './pieces.ts'
import { allOf, mostFindings, nonsense, readAnswer } from './read-answer.ts'
import { changedSpan, codePointSpans, occurrencesOf, type Span } from './spans.ts'

export const modelArmorSettings = z.strictObject({
  kind: z.literal('model-armor').describe("A template of Google's Model Armor."),
  provider: z.string().describe('The provider of kind `vertex` whose tokens are used.'),
  project: z
    .string()
    .regex(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, 'must be the id of a project, such as my-project')
    .describe('The project of the template.'),
  location: z
    .string()
    .regex(/^[a-z0-9-]{2,32}$/, 'must be a location such as europe-west4')
    .describe('The location of the template.'),
  template: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,63}$/, 'may hold letters, digits, dashes and underscores')
    .describe('Its id.'),
  url: baseUrl.describe('Default: `https://modelarmor.LOCATION.rep.googleapis.com`.').optional(),
  network: networkSettings.optional(),
})

type ModelArmorSettings = z.infer<typeof modelArmorSettings>

/** Google Cloud docs, "Model Armor: data residency", read 2026-11. */
export function modelArmorAddress({ url, location }: Pick<ModelArmorSettings, 'url' | 'location'>): string {
  return url ?? `https://modelarmor.${location}.rep.googleapis.com`
}

/** The tokens that its filters for attacks read, where a sign is a token. */
export const longestArmorText = 10_000

/**
 * A template of Google's Model Armor: attacks, harm, personal data and secrets, links.
 * Source: Google Cloud docs, `projects.locations.templates.sanitizeUserPrompt` and `SanitizationResult` of Model Armor v1
 * (https://docs.cloud.google.com/model-armor/reference/rest/v1/SanitizationResult), read 2026-11.
 */
export function modelArmor(
  settings: Pick<ModelArmorSettings, 'url' | 'project' | 'location' | 'template'>,
): GuardAdapter {
  const { project, location, template } = settings
  const url = modelArmorAddress(settings)
  const path = `/v1/projects/${project}/locations/${location}/templates/${template}`
  return onePieceACall(longestArmorText, {
    word: ({ phase, text }) =>
      phase === 'input'
        ? jsonCall(below(url, `${path}:sanitizeUserPrompt`), { userPromptData: { text } })
        : jsonCall(below(url, `${path}:sanitizeModelResponse`), { modelResponseData: { text } }),
    read: (piece, answer) => findingsOf(piece, readAnswer('Model Armor', answer, shape).sanitizationResult),
  })
}

const matchState = { matchState: z.string().nullish() }
/** Protocol buffers write 64 bits as text, and leave out a zero. */
const int64 = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,9}$/)
      .transform(Number),
  ])
  .nullish()
const confidence = { confidenceLevel: z.string().nullish() }

const sdpResult = z.object({
  inspectResult: z
    .object({
      ...matchState,
      findings: z
        .array(
          z.object({
            infoType: z.string(),
            likelihood: z.string().nullish(),
            location: z.object({ codepointRange: z.object({ start: int64, end: int64 }).nullish() }).nullish(),
          }),
        )
        .max(mostFindings)
        .nullish(),
    })
    .nullish(),
  deidentifyResult: z
    .object({
      ...matchState,
      data: z.object({ text: z.string().nullish() }).nullish(),
      infoTypes: z.array(z.string()).max(mostFindings).nullish(),
    })
    .nullish(),
})

const filterResult = z.object({
  raiFilterResult: z
    .object({
      ...matchState,
      raiFilterTypeResults: z.record(z.string(), z.object({ ...matchState, ...confidence })).nullish(),
    })
    .nullish(),
  piAndJailbreakFilterResult: z.object({ ...matchState, ...confidence }).nullish(),
  sdpFilterResult: sdpResult.nullish(),
  maliciousUriFilterResult: z
    .object({
      ...matchState,
      maliciousUriMatchedItems: z
        .array(z.object({ uri: z.string() }))
        .max(mostFindings)
        .nullish(),
    })
    .nullish(),
  csamFilterFilterResult: z.object(matchState).nullish(),
  virusScanFilterResult: z.object(matchState).nullish(),
})

const shape = z.object({
  sanitizationResult: z.object({
    filterMatchState: z.enum(['NO_MATCH_FOUND', 'MATCH_FOUND']),
    invocationResult: z.enum(['SUCCESS', 'PARTIAL', 'FAILURE']),
    filterResults: z.record(z.string(), filterResult).nullish(),
  }),
})

type Filter = z.output<typeof filterResult>

function findingsOf(
  piece: Piece,
  { filterMatchState, invocationResult, filterResults }: z.output<typeof shape>['sanitizationResult'],
): readonly PieceFinding[] {
  const found = Object.values(filterResults ?? {}).flatMap((filter) => findingsOfFilter(piece, filter))
  const isFound = found.length > 0 || filterMatchState === 'MATCH_FOUND'
  if (invocationResult !== 'SUCCESS' && !isFound) throw nonsense('Model Armor', 'left filters out')
  return [
    ...found,
    ...(found.length === 0 && isFound ? [ofWhole('match-found')] : []),
    // What was not looked at is told beside what was found.
    ...(invocationResult === 'SUCCESS' ? [] : [ofWhole('left-out')]),
  ]
}

function findingsOfFilter(piece: Piece, filter: Filter): readonly PieceFinding[] {
  const { raiFilterResult: rai, piAndJailbreakFilterResult: attack, sdpFilterResult: sdp } = filter
  const uris = filter.maliciousUriFilterResult
  return [
    ...(isMatch(rai) ? findingsOfRai(rai?.raiFilterTypeResults ?? {}) : []),
    ...(isMatch(attack) ? [ofWhole('pi-and-jailbreak', confidences.get(attack?.confidenceLevel ?? ''))] : []),
    ...(sdp ? findingsOfSdp(piece, sdp) : []),
    ...(isMatch(uris) ? findingsOfUris(piece, uris?.maliciousUriMatchedItems ?? []) : []),
    ...(isMatch(filter.csamFilterFilterResult) ? [ofWhole('csam')] : []),
    ...(isMatch(filter.virusScanFilterResult) ? [ofWhole('virus')] : []),
  ]
}

function findingsOfRai(
  types: NonNullable<NonNullable<Filter['raiFilterResult']>['raiFilterTypeResults']>,
): readonly PieceFinding[] {
  const found = Object.entries(types)
    .filter(([, one]) => isMatch(one))
    .map(([name, one]) => ofWhole(kindOf(name, 'rai'), confidences.get(one.confidenceLevel ?? '')))
  return found.length === 0 ? [ofWhole('rai')] : found
}

function findingsOfSdp(
  { text }: Piece,
  { inspectResult: inspected, deidentifyResult: rewritten }: z.output<typeof sdpResult>,
): readonly PieceFinding[] {
  const spanOf = codePointSpans(text)
  const findings = (inspected?.findings ?? []).map(({ infoType, likelihood, location }): PieceFinding => {
    const { start, end } = location?.codepointRange ?? {}
    const span = typeof end === 'number' ? spanOf(start ?? 0, end) : undefined
    if (typeof end === 'number' && !span) throw nonsense('Model Armor', 'names a place that is not in the text')
    return { kind: kindOf(infoType, 'sdp'), score: likelihoods.get(likelihood ?? ''), span, replacement: undefined }
  })
  if (!isMatch(rewritten)) return findings.length === 0 && isMatch(inspected) ? [ofWhole('sdp')] : findings
  const replacement = rewritten?.data?.text ?? undefined
  const span = replacement === undefined ? undefined : changedSpan(text, replacement)
  const kinds = rewritten?.infoTypes?.length ? rewritten.infoTypes : ['sdp']
  return [...findings, ...kinds.map((kind) => ({ kind: kindOf(kind, 'sdp'), score: undefined, span, replacement }))]
}

function findingsOfUris({ text }: Piece, items: readonly { readonly uri: string }[]): readonly PieceFinding[] {
  const spans = allOf('Model Armor', placesOf(text, items))
  return spans.length === 0
    ? [ofWhole('malicious-uri')]
    : spans.map((span) => ({ kind: 'malicious-uri', score: undefined, span, replacement: undefined }))
}

function* placesOf(text: string, items: readonly { readonly uri: string }[]): Generator<Span> {
  for (const { uri } of items) yield* occurrencesOf(text, uri)
}

function isMatch(state: { readonly matchState?: string | null | undefined } | null | undefined): boolean {
  return state?.matchState === 'MATCH_FOUND'
}

const confidences: ReadonlyMap<string, number> = new Map([
  ['LOW_AND_ABOVE', 1 / 3],
  ['MEDIUM_AND_ABOVE', 2 / 3],
  ['HIGH', 1],
])
const likelihoods: ReadonlyMap<string, number> = new Map([
  ['VERY_UNLIKELY', 0.2],
  ['UNLIKELY', 0.4],
  ['POSSIBLE', 0.6],
  ['LIKELY', 0.8],
  ['VERY_LIKELY', 1],
])
