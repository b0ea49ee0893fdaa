import type { Call, StateReference } from '../canonical/call.ts'
import type { JsonObject } from '../canonical/json.ts'
import { keptIn, type KeptNames } from '../dialects/kept-names.ts'
import type { JsonScan } from '../wire/json-scan.ts'

/**
 * The call with everything that its body names of what a provider keeps.
 * @param scan of the body. Where some key is written with an escape, the bytes do not tell.
 */
export function withKept(
  call: Call,
  body: Buffer,
  value: JsonObject,
  { hasEscapedKey, keyInitials }: JsonScan,
  names: KeptNames | undefined,
): Call {
  if (!names) return call
  if (!hasEscapedKey) {
    if ((keyInitials & names.initials) === 0) return call
    if (!names.beginnings.some((beginning) => body.includes(beginning))) return call
  }
  return withState(call, keptIn(value, names))
}

export function withState(call: Call, state: readonly StateReference[]): Call {
  return state.length === 0 ? call : { ...call, state: [...(call.state ?? []), ...state] }
}
