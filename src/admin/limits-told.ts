import type { Json } from '../canonical/json.ts'
import type { LimitsSettings } from '../config/limit-settings.ts'

/** Limits as an audit entry tells them: without what is absent. */
export function limitsTold(limits: LimitsSettings | null | undefined): Json {
  return limits ? (JSON.parse(JSON.stringify(limits)) as Json) : null
}
