import type { Json } from '../../canonical/json.ts'
import { parseUnscannedJson } from '../../wire/json-parse.ts'

/** The JSON of a frame's data; `undefined` when it is none. */
export function frameJson(data: Buffer): Json | undefined {
  try {
    return parseUnscannedJson(data.toString())
  } catch {
    // Not swallowed: whoever asks decides what a frame without meaning is worth.
    return undefined
  }
}
