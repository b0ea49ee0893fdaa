import type { Json } from '../../../canonical/json.ts'
import { isJsonArray } from '../call-fields.ts'

/** Whether a value is a text as the numbers of its tokens. An empty list is a list of nothing. */
export function isTokenNumbers(value: Json | undefined): value is readonly number[] {
  return isJsonArray(value) && value.length > 0 && value.every((one) => typeof one === 'number')
}

/** What nobody can read in one text or a list of them, each perhaps as numbers; `undefined`: all of it can be read. */
export function unreadableIn(input: Json | undefined): string | undefined {
  const holdsNumbers = isTokenNumbers(input) || (isJsonArray(input) && input.some((one) => isTokenNumbers(one)))
  return holdsNumbers ? 'a text as numbers of tokens' : undefined
}
