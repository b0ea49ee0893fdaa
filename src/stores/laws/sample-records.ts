import { noUsage } from '../../canonical/usage.ts'
import type { AttemptIntent, UsageRecord } from '../../canonical/usage-record.ts'
import type { AuditEvent } from '../ports/audit.ts'
import type { Entity, KeyEntry } from '../ports/directory.ts'
import type { NewLedgerEntry } from '../ports/ledger-entries.ts'

/** A record as one exchange of the team `acme/search` leaves it, with what a test wants to be different. */
export function sampleRecord(changes: Partial<UsageRecord> = {}): UsageRecord {
  return {
    requestId: '019a1b2c3d4e5f60718293a4b5c6d7e8',
    attempt: 1,
    startedAtMs: Date.UTC(2026, 10, 23, 14, 30),
    durationMs: 1234.5,
    firstByteMs: 321.25,
    status: 'ok',
    errorKind: undefined,
    failureClass: undefined,
    reason: 'first by priority',
    httpStatus: 200,
    endpoint: '/v1/chat/completions',
    operation: 'chat',
    isStream: true,
    organisation: 'acme',
    team: 'search',
    project: 'crawler',
    user: undefined,
    agent: 'fetcher',
    keyId: 'abcdefghij',
    metadata: '{"env":"production"}',
    endUser: 'user-1234',
    requestedModel: 'smart',
    catalogModel: 'smart',
    provider: 'openai',
    targetModel: 'gpt-5.2',
    responseModel: 'gpt-5.2-2026-01-01',
    credentialId: 'openai/0',
    usageSource: 'provider',
    costNanos: 1_234_567n,
    priceVersion: 'genai-prices@0.1.8/openai/gpt-5.2',
    providerCostNanos: undefined,
    configVersion: 'a1b2c3d4',
    losses: undefined,
    decision: undefined,
    runId: undefined,
    postings: undefined,
    cappedBy: undefined,
    excess: undefined,
    ...noUsage,
    inputUncached: 1500,
    outputText: 321,
    ...changes,
  }
}

/** The same attempt before it leaves. */
export function sampleIntent(changes: Partial<UsageRecord> = {}): AttemptIntent {
  return {
    ...sampleRecord({
      durationMs: 0,
      firstByteMs: undefined,
      httpStatus: undefined,
      usageSource: 'worst_case',
      ...changes,
    }),
    status: 'unknown',
  }
}

/** An entry that re-rates the sample record. */
export function sampleEntry(amount: bigint, changes: Partial<NewLedgerEntry> = {}): NewLedgerEntry {
  return {
    kind: 'rerate',
    requestId: sampleRecord().requestId,
    attempt: 1,
    accountId: undefined,
    amount,
    detail: '{"price":"config/openai/gpt-5.2"}',
    ...changes,
  }
}

export const sampleEvent: AuditEvent = {
  atMs: Date.UTC(2026, 10, 23, 12),
  actor: 'admin',
  action: 'test',
  target: 'nothing',
  detail: '{}',
}

export function sampleOrganisation(name: string): Entity {
  return {
    kind: 'organisation',
    name,
    organisation: undefined,
    team: undefined,
    models: undefined,
    require: undefined,
    limits: undefined,
    budgets: undefined,
    timezone: undefined,
    createdAtMs: 1,
  }
}

export function sampleTeam(name: string, organisation: string, models?: readonly string[]): Entity {
  return {
    kind: 'team',
    name,
    organisation,
    team: undefined,
    models,
    require: undefined,
    limits: undefined,
    budgets: undefined,
    timezone: undefined,
    createdAtMs: 2,
  }
}

export function sampleKey(id: string, changes: Partial<KeyEntry> = {}): KeyEntry {
  return {
    id,
    name: `key ${id}`,
    hash: `hash of ${id}`,
    last4: 'wxyz',
    models: undefined,
    require: undefined,
    limits: undefined,
    budgets: undefined,
    organisation: 'acme',
    team: undefined,
    project: undefined,
    user: undefined,
    agent: undefined,
    createdAtMs: 3,
    expiresAtMs: undefined,
    lifetimeMs: undefined,
    revokedAtMs: undefined,
    ...changes,
  }
}
