import pino, { type DestinationStream, type Logger } from 'pino'
import type { FinishedExchange } from '../gateway/hooks.ts'
import { inputTokensOf, outputTokensOf } from '../canonical/usage.ts'
import { writeUsd } from '../canonical/money.ts'

/** JSON lines for machines: access, warnings and bugs. No prompts, no answers, no keys, no query strings. */
export function openLog(destination: DestinationStream): Logger {
  const visible: DestinationStream = { write: (line) => destination.write(line.replace(unseen, escaped)) }
  return pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, visible)
}

/**
 * JSON escapes the ASCII controls only. Left over are those of Latin-1 (a terminal obeys some), the separators that many a
 * reader takes for a line end, and the marks that turn the direction of the text around (failures.md L6).
 */
const unseen = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Fields come from an allow-list: what is not named here cannot be logged (failures.md L1). */
export function accessLine(finished: FinishedExchange): Record<string, unknown> {
  const last = finished.records.at(-1)
  const { principal } = finished
  return {
    requestId: finished.id,
    endpoint: finished.endpoint,
    status: finished.status,
    durationMs: Math.round(finished.durationMs * 10) / 10,
    stream: finished.isStream,
    error: finished.errorKind,
    keyId: principal?.keyId,
    organisation: principal?.organisation,
    team: principal?.team,
    project: principal?.project,
    model: finished.requestedModel,
    provider: last?.provider,
    attempts: last?.attempt ?? 0,
    inputTokens: last && inputTokensOf(last),
    outputTokens: last && outputTokensOf(last),
    usageSource: last?.usageSource,
    costUsd: last?.costNanos === undefined ? undefined : writeUsd(last.costNanos),
    bytesIn: finished.bytesIn,
    bytesOut: finished.bytesOut,
    config: finished.configVersion,
  }
}
