import type { JsonObject } from '../../canonical/json.ts'

/** A call's arguments as a value. Those that a limit of tokens cut are no JSON: there is no way to say them as one. */
export function parsedArguments(text: string): JsonObject {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return {}
    throw thrown
  }
}
