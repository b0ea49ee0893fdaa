import type { RecordPlace } from '../stores/ports/usage-records.ts'

/** A place among the records, as a page of them ends with it: start, attempt and request. */
export function writeRecordPlace({ startedAtMs, attempt, requestId }: RecordPlace): string {
  return `${startedAtMs}/${attempt}/${requestId}`
}

/** @param text what the contract (`recordPlace`) has let through. */
export function readRecordPlace(text: string): RecordPlace {
  const [startedAtMs = '', attempt = '', requestId = ''] = text.split('/')
  return { startedAtMs: Number(startedAtMs), attempt: Number(attempt), requestId }
}
