import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { parseUnscannedJson } from '../../../wire/json-parse.ts'

/**
 * Arguments as the object that some dialects demand.
 * @returns `isExact`: false when the text was no JSON object. It is then wrapped the way Anthropic's page on fine-grained
 *   tool streaming advises for invalid arguments that are handed back to the model (read 2026-08).
 */
export function inputOf(argumentsText: string): { readonly input: JsonObject; readonly isExact: boolean } {
  if (argumentsText.trim() === '') return { input: {}, isExact: true }
  const input = parsed(argumentsText)
  return isJsonObject(input) ? { input, isExact: true } : { input: { INVALID_JSON: argumentsText }, isExact: false }
}

function parsed(text: string): Json | undefined {
  try {
    return parseUnscannedJson(text)
  } catch {
    // Not swallowed: the caller tells that it is not exact.
    return undefined
  }
}
