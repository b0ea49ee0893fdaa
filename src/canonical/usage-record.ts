import type { Nanos } from './money.ts'
import { ownUnits, usageComponents, type OwnUnit, type Usage, type UsageSource } from './usage.ts'

/** The price of what the config declares: nothing but the declaration explains such a cost. */
export const declaredPrice = 'declared'

/** The price of what several models used together: no one price holds for it, and its cost is not known. */
export const mixedPrice = 'mixed'

/** The number in the record of what guardrails saw that look when an answer has gone. */
export const monitoredAttempt = -1

export type AttemptStatus =
  /** The answer ended as the provider ends answers. */
  | 'ok'
  /** The provider, or the way to it, failed before a byte reached the client. */
  | 'failed'
  /** The answer broke off after bytes had reached the client. */
  | 'truncated'
  /** The client went away. */
  | 'aborted'
  /** Refused by Weir itself; no provider was asked. */
  | 'refused'
  /** The gateway died while the attempt was under way; written at recovery. */
  | 'unknown'

/**
 * The one description of a usage record: SQL columns, JSON and CSV are made from `usageRecordColumns`. One record is
 * written for each attempt at a provider, on every way it can end, and for a call that was refused before any attempt
 * (`attempt` 0), so that refusals can be explained too; and one for what guardrails saw afterwards. Records are appended, never edited.
 */
export interface UsageRecord extends Usage {
  readonly requestId: string
  /** 1 for the first attempt. 0: no provider was asked. `monitoredAttempt`: it is none, and tells what was seen afterwards. */
  readonly attempt: number
  readonly startedAtMs: number
  readonly durationMs: number
  /** From the start of the attempt to the first byte of the provider's body. */
  readonly firstByteMs: number | undefined
  readonly status: AttemptStatus
  /** An `ErrorKind`, when the attempt did not end `ok`. */
  readonly errorKind: string | undefined
  /** `stale`, `not-sent`, `refused`, `unknown` or `partial`, when it failed. */
  readonly failureClass: string | undefined
  /** Why this target was tried at this place in the order. */
  readonly reason: string
  readonly httpStatus: number | undefined
  readonly endpoint: string
  readonly operation: string
  readonly isStream: boolean
  readonly organisation: string
  readonly team: string | undefined
  readonly project: string | undefined
  readonly user: string | undefined
  readonly agent: string | undefined
  readonly keyId: string
  /** JSON object of strings. */
  readonly metadata: string
  readonly endUser: string | undefined
  /** As the client asked. */
  readonly requestedModel: string
  /** The entry of the config that matched: an alias or a pattern. */
  readonly catalogModel: string | undefined
  readonly provider: string | undefined
  readonly targetModel: string | undefined
  /** As the provider named it in its answer. */
  readonly responseModel: string | undefined
  readonly credentialId: string | undefined
  readonly usageSource: UsageSource
  /** `undefined`: no price is known. Never 0 for that. */
  readonly costNanos: Nanos | undefined
  /**
   * Which price was in force, such as `genai-prices@0.1.8/openai/gpt-4o`. Without one `undefined`, but for what tells why there
   * is none: `mixed`, and `unpriced, served as scale`.
   */
  readonly priceVersion: string | undefined
  /** What the provider itself said the call cost, where it says so (OpenRouter). */
  readonly providerCostNanos: Nanos | undefined
  readonly configVersion: string
  /** What translation could not carry: paths in the caller's body, comma-separated, `~` before what was approximated. */
  readonly losses: string | undefined
  /** JSON: why the exchange went where it went. With the last record of an exchange only. */
  readonly decision: string | undefined
  /** From `x-weir-run-id`. */
  readonly runId: string | undefined
  /**
   * What the attempt came to in every budget it drew on, as `writePostings` writes it: this record is the entry of the
   * ledger. `undefined`: it drew on none.
   */
  readonly postings: string | undefined
  /** By how much it came to more than was set aside for it, in each budget where it did, written as `postings`. `undefined`: in none. */
  readonly excess: string | undefined
  /** `gateway`: the client set no bound on the output, and one was sent upstream since a budget was in scope. */
  readonly cappedBy: string | undefined
}

/** The same record with another usage. By hand: V8 takes five times as long to spread a second object over a copy of the first. */
export function withUsage(record: UsageRecord, usage: Usage): UsageRecord {
  return {
    ...record,
    inputUncached: usage.inputUncached,
    cacheRead: usage.cacheRead,
    cacheReadAudio: usage.cacheReadAudio,
    cacheReadImage: usage.cacheReadImage,
    cacheWrite5m: usage.cacheWrite5m,
    cacheWrite1h: usage.cacheWrite1h,
    cacheWriteOther: usage.cacheWriteOther,
    inputAudio: usage.inputAudio,
    inputImage: usage.inputImage,
    outputText: usage.outputText,
    outputReasoning: usage.outputReasoning,
    outputAudio: usage.outputAudio,
    outputImage: usage.outputImage,
    webSearches: usage.webSearches,
    searches: usage.searches,
    images: usage.images,
    audioSeconds: usage.audioSeconds,
    characters: usage.characters,
  }
}

type ColumnKind = 'text' | 'integer' | 'real' | 'boolean' | 'nanos'
interface Column {
  readonly kind: ColumnKind
  /** May be `undefined` in a record, NULL in SQL, `null` in JSON and empty in CSV. */
  readonly isOptional: boolean
  /** What a record has that was written before there was the column. */
  readonly before?: 0
}

const required = (kind: ColumnKind): Column => ({ kind, isOptional: false })
const optional = (kind: ColumnKind): Column => ({ kind, isOptional: true })

/** In the order of the spool, the table and the CSV. Append only: the spool stores values by place. */
export const usageRecordColumns: Readonly<Record<keyof UsageRecord, Column>> = {
  requestId: required('text'),
  attempt: required('integer'),
  startedAtMs: required('integer'),
  durationMs: required('real'),
  firstByteMs: optional('real'),
  status: required('text'),
  errorKind: optional('text'),
  failureClass: optional('text'),
  reason: required('text'),
  httpStatus: optional('integer'),
  endpoint: required('text'),
  operation: required('text'),
  isStream: required('boolean'),
  organisation: required('text'),
  team: optional('text'),
  project: optional('text'),
  user: optional('text'),
  agent: optional('text'),
  keyId: required('text'),
  metadata: required('text'),
  endUser: optional('text'),
  requestedModel: required('text'),
  catalogModel: optional('text'),
  provider: optional('text'),
  targetModel: optional('text'),
  responseModel: optional('text'),
  credentialId: optional('text'),
  usageSource: required('text'),
  costNanos: optional('nanos'),
  priceVersion: optional('text'),
  providerCostNanos: optional('nanos'),
  configVersion: required('text'),
  losses: optional('text'),
  ...(Object.fromEntries(firstComponents().map((component) => [component, required('integer')])) as Record<
    Exclude<keyof Usage, AppendedComponent>,
    Column
  >),
  decision: optional('text'),
  runId: optional('text'),
  postings: optional('text'),
  cappedBy: optional('text'),
  searches: { ...required('integer'), before: 0 },
  images: { ...required('integer'), before: 0 },
  audioSeconds: { ...required('integer'), before: 0 },
  characters: { ...required('integer'), before: 0 },
  cacheReadAudio: { ...required('integer'), before: 0 },
  cacheReadImage: { ...required('integer'), before: 0 },
  excess: optional('text'),
}

/** The components that there were before the columns behind them. */
function firstComponents(): readonly (keyof Usage)[] {
  const appended: ReadonlySet<keyof Usage> = new Set<AppendedComponent>([
    ...ownUnits,
    'cacheReadAudio',
    'cacheReadImage',
  ])
  return usageComponents.filter((component) => !appended.has(component))
}

type AppendedComponent = OwnUnit | 'cacheReadAudio' | 'cacheReadImage'

/** In the order of the columns. */
export const usageRecordFields = Object.keys(usageRecordColumns) as readonly (keyof UsageRecord)[]

/**
 * Written durably before the first byte leaves for a provider, so that an attempt cannot vanish with the process. It is
 * the record as it would read if nothing more were ever learnt: status `unknown`, usage `worst_case`.
 */
export type AttemptIntent = UsageRecord & { readonly status: 'unknown' }
