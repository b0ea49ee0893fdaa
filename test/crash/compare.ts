import type { UsageRecord } from '../../src/canonical/usage-record.ts'
import { inputTokensOf, outputTokensOf } from '../../src/canonical/usage.ts'
import type { SimulatedEntry } from '../../src/providers/simulated/log.ts'
import type { Seen } from './send.ts'

export interface Mismatch {
  /** `lost`: no record where there must be one. `duplicate`: more than one. `wrong`: one that does not tell the truth. */
  readonly kind: 'lost' | 'duplicate' | 'wrong'
  /** Of the request and the attempt. */
  readonly at: string
  readonly why: string
}

/**
 * Holds the books against what the clients saw and what the provider served (ledger.md C10): I5 one record for each
 * attempt, I6 doubt is spend, I10 what a client saw finish is recorded, I11 nothing twice.
 */
export function compare(
  seen: readonly Seen[],
  served: readonly SimulatedEntry[],
  records: readonly UsageRecord[],
): readonly Mismatch[] {
  const books = Map.groupBy(records, keyOf)
  const truth = Map.groupBy(served, (entry) => `${entry.requestId}/${entry.attempt}`)
  const ofRequest = Map.groupBy(records, ({ requestId }) => requestId)
  return [
    ...[...books].filter(([, same]) => same.length > 1).map(([at]) => wrong(at, 'duplicate', 'it is recorded twice')),
    ...[...truth].flatMap(([at, entries]) => entryProblems(at, entries, books.get(at)?.[0])),
    ...[...books]
      .filter(([at]) => !truth.has(at))
      .flatMap(([at, [record]]) => (record ? unservedProblems(at, record) : [])),
    ...[...ofRequest].flatMap(([requestId, attempts]) => orderProblems(requestId, attempts)),
    ...seen.flatMap((one) => seenProblems(one, ofRequest.get(one.requestId ?? '') ?? [])),
  ]
}

/** What the provider served, against the record of it. */
function entryProblems(
  at: string,
  [entry, ...more]: readonly SimulatedEntry[],
  record: UsageRecord | undefined,
): readonly Mismatch[] {
  if (!entry) return []
  // One attempt is one call on the wire (failures.md M9).
  if (more.length > 0) return [wrong(at, 'wrong', 'the provider was called more than once in this attempt')]
  if (!record) return [wrong(at, 'lost', `the provider served it (${entry.ended}), and there is no record`)]
  const { billed } = entry
  const isEqual =
    record.inputUncached === billed.inputUncached &&
    record.outputText === billed.outputText &&
    record.cacheRead === billed.cacheRead &&
    // Chat completions tell of a cache write, and not how long it lives.
    record.cacheWrite5m + record.cacheWrite1h + record.cacheWriteOther === billed.cacheWrite5m + billed.cacheWrite1h &&
    inputTokensOf(record) + outputTokensOf(record) === sumOf(billed)
  if (record.usageSource === 'provider' && !isEqual)
    return [
      wrong(
        at,
        'wrong',
        `recorded ${tokensOf(record)} as told by the provider, which billed ${JSON.stringify(billed)}`,
      ),
    ]
  const isBound =
    inputTokensOf(record) >= sumOf(billed) - billed.outputText && outputTokensOf(record) >= billed.outputText
  if (record.usageSource === 'worst_case' && !isBound)
    return [
      wrong(
        at,
        'wrong',
        `the worst case of ${tokensOf(record)} is less than what was billed, ${JSON.stringify(billed)}`,
      ),
    ]
  return []
}

/** A record of what the provider never saw. */
function unservedProblems(at: string, record: UsageRecord): readonly Mismatch[] {
  const { attempt, status, failureClass } = record
  if (attempt === 0 && (status === 'refused' || status === 'aborted')) return []
  if (status === 'unknown' || (failureClass !== undefined && unservedClasses.has(failureClass))) return []
  return [wrong(at, 'wrong', `recorded as ${status} (${failureClass}), and the provider never saw it`)]
}

/** `stale`: the connection was dead before the call could be read. `unknown`: it may have been dead too. */
const unservedClasses: ReadonlySet<string> = new Set(['not-sent', 'stale', 'unknown'])

function orderProblems(requestId: string, records: readonly UsageRecord[]): readonly Mismatch[] {
  const numbers = records.map(({ attempt }) => attempt).toSorted((one, other) => one - other)
  const isWhole = numbers.every((number, place) => number === place + (numbers[0] === 0 ? 0 : 1))
  if (!isWhole) return [wrong(requestId, 'lost', `of its attempts only ${numbers.join(', ')} are recorded`)]
  return records
    .filter(({ status, usageSource }) => status === 'unknown' && usageSource !== 'worst_case')
    .map((record) =>
      wrong(keyOf(record), 'wrong', `its outcome is unknown, and it is recorded as ${record.usageSource}`),
    )
}

/** What a client saw, against the records of the exchange. */
function seenProblems(one: Seen, records: readonly UsageRecord[]): readonly Mismatch[] {
  const at = one.requestId ?? `a ${one.kind} call`
  if (one.isFinished && one.attempts === 0) return [wrong(at, 'wrong', 'it finished without an attempt')]
  if (records.length < one.attempts)
    return [wrong(at, 'lost', `the client was told of ${one.attempts} attempts; ${records.length} are recorded`)]
  const last = records.find(({ attempt }) => attempt === one.attempts)
  if (!last || one.attempts === 0) return []
  // Tokens that reached a client are never free (failures.md M4).
  if (outputTokensOf(last) < one.pieces)
    return [
      wrong(keyOf(last), 'wrong', `${one.pieces} tokens were delivered (${one.kind}); recorded ${tokensOf(last)}`),
    ]
  if (!one.isFinished) return []
  if (records.length > one.attempts) return [wrong(at, 'wrong', 'it has more attempts than the client was told of')]
  if (last.status !== 'ok') return [wrong(keyOf(last), 'lost', `a client saw it finish; recorded as ${last.status}`)]
  const failed = records.filter((record) => record !== last && record.status !== 'failed')
  if (failed.length > 0) return [wrong(at, 'wrong', 'an earlier attempt is not recorded as failed')]
  if (one.tellsUsage !== (last.usageSource === 'provider'))
    return [
      wrong(keyOf(last), 'wrong', `a finished ${one.kind} call is recorded with usage source ${last.usageSource}`),
    ]
  return []
}

function wrong(at: string, kind: Mismatch['kind'], why: string): Mismatch {
  return { at, kind, why }
}

function keyOf({ requestId, attempt }: UsageRecord): string {
  return `${requestId}/${attempt}`
}

function sumOf(billed: SimulatedEntry['billed']): number {
  return billed.inputUncached + billed.cacheRead + billed.cacheWrite5m + billed.cacheWrite1h + billed.outputText
}

function tokensOf(record: UsageRecord): string {
  return `${inputTokensOf(record)} in and ${outputTokensOf(record)} out (${record.status}, ${record.usageSource})`
}
