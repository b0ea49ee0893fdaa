import pino, { type DestinationStream, type Logger } from 'pino'
import type { Clock } from '../canonical/clock.ts'
import { writeUsd } from '../canonical/money.ts'
import { inputTokensOf, outputTokensOf } from '../canonical/usage.ts'
import type { UsageRecord } from '../canonical/usage-record.ts'
import type { FinishedExchange } from '../gateway/hooks.ts'

/** JSON lines for machines: access, warnings and bugs. No prompts, no answers, no keys, no query strings. */
export function openLog(destination: DestinationStream): Logger {
  const visible: DestinationStream = { write: (line) => destination.write(visibleOnly(line)) }
  return pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, visible)
}

/**
 * The access log: a line for each finished exchange, in the form of the other lines. The lines of one turn of the event loop
 * are written together at its end: a write is a system call, and under load a turn ends dozens of exchanges.
 */
export function openAccessLog(destination: DestinationStream, clock: Clock): (finished: FinishedExchange) => void {
  const isoTime = rememberedIsoTime()
  let lines = ''
  let sizeBytes = 0
  const write = () => {
    if (lines !== '') destination.write(lines)
    lines = ''
    sizeBytes = 0
  }
  return (finished) => {
    const fields = { level: infoLevel, time: isoTime(clock.nowMs()), ...accessFields(finished), msg: 'exchange' }
    const line = visibleOnly(`${JSON.stringify(fields)}\n`)
    const lineBytes = Buffer.byteLength(line)
    if (sizeBytes + lineBytes > mostAtOnceBytes) write()
    if (lines === '') setImmediate(write)
    lines += line
    sizeBytes += lineBytes
  }
}

/** What a pipe takes in one piece (PIPE_BUF on Linux): beyond it the lines of two workers could cut one another. */
const mostAtOnceBytes = 4_096

/** pino's number for `info`. */
const infoLevel = 30

/** Many lines are of the same millisecond, and writing its name costs more than the rest of the line. */
function rememberedIsoTime(): (ms: number) => string {
  let lastMs = Number.NaN
  let text = ''
  return (ms) => {
    if (ms !== lastMs) {
      lastMs = ms
      text = new Date(ms).toISOString()
    }
    return text
  }
}

function visibleOnly(line: string): string {
  return line.replace(unseen, escaped)
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
function accessFields(finished: FinishedExchange) {
  const { principal, records } = finished
  const account = accountOf(records)
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
    provider: account?.told.provider,
    attempts: account?.attempts ?? 0,
    inputTokens: account?.inputTokens,
    outputTokens: account?.outputTokens,
    usageSource: account?.told.usageSource,
    costUsd: account?.costNanos === undefined ? undefined : writeUsd(account.costNanos),
    bytesIn: finished.bytesIn,
    bytesOut: finished.bytesOut,
    config: finished.configVersion,
  }
}

/** What all attempts of an exchange came to, and the one that it is told of: that which answered, else the last. */
function accountOf(records: readonly UsageRecord[]) {
  let told = records[0]
  if (!told) return undefined
  let [attempts, inputTokens, outputTokens] = [0, 0, 0]
  let costNanos: bigint | undefined = 0n
  for (const record of records) {
    inputTokens += inputTokensOf(record)
    outputTokens += outputTokensOf(record)
    // Of one without a price nobody knows what all of them cost.
    costNanos = costNanos === undefined || record.costNanos === undefined ? undefined : costNanos + record.costNanos
    if (record.attempt === 0) continue
    attempts += 1
    if (told.status !== 'ok') told = record
  }
  return { told, attempts, inputTokens, outputTokens, costNanos }
}
