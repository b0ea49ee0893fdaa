import type { Json } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'

/** Calls that the model made itself, which is what a call without a caller is. */
export const directCaller = Object.freeze({ type: 'direct' })

/** The other callers are tools of the provider's own that ran code, and only it knows them. */
export function isDirectCaller(said: Json | undefined): boolean {
  return isJsonObject(said) && said['type'] === 'direct'
}
