import type { JsonObject } from '../../../canonical/json.ts'
import { writeSse } from '../../../wire/sse.ts'

/** One event of a stream, which says its type twice: as the event's name, and in its data. */
export function frameText(type: string, members: JsonObject): string {
  return writeSse(type, JSON.stringify({ type, ...members }))
}
