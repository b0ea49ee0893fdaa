import type { Json } from '../canonical/json.ts'

/** The JSON of a frame's data; `undefined` when it is none. */
export function frameJson(data: Buffer): Json | undefined {
  try {
    const value: Json = JSON.parse(data.toString())
    return value
  } catch {
    // Not swallowed: whoever asks decides what a frame without meaning is worth.
    return undefined
  }
}
