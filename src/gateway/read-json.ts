import type { Json } from '../canonical/json.ts'
import { parseUnscannedJson } from '../wire/json-parse.ts'

/** What a provider's bytes say; `undefined` where they are no JSON. */
export function readJson(bytes: Buffer): Json | undefined {
  try {
    return parseUnscannedJson(bytes.toString('utf8'))
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined
    throw thrown
  }
}
