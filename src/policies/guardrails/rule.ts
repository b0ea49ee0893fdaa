import type { GuardAction, GuardPhase, TextPlace } from '../../canonical/guardrail.ts'
import type { Owner, Principal } from '../../canonical/principal.ts'
import type { Condition } from '../../config/condition.ts'
import type { CallCheck } from './checks/call-check.ts'
import type { Detector } from './detect/detector.ts'
import type { AskedGuard } from './external/asked-guard.ts'

/** Whose a rule is: calls that have all of this are looked at. */
export interface RuleOwner {
  /** As people know it: `team acme/search`, `model gpt-5`. */
  readonly level: string
  readonly caller: Readonly<Partial<Pick<Principal, keyof Owner | 'keyId'>>>
  /** The entry of the catalog that is asked for. `undefined`: every model's. */
  readonly model: string | undefined
}

/** One guardrail, compiled. Rules only ever add to one another: block wins, redactions unite, and nothing takes one back. */
export interface GuardRule {
  readonly name: string
  /** Absent: the gateway's, over every call. */
  readonly owner?: RuleOwner | undefined
  /** None: everything passes. */
  readonly detectors: readonly Detector[]
  /** Judges in their place, elsewhere. Absent: nobody is asked. */
  readonly asked?: AskedGuard | undefined
  /** What judges calls as a whole. Absent: nothing. */
  readonly checks?: readonly CallCheck[]
  readonly phases: ReadonlySet<GuardPhase>
  readonly places: ReadonlySet<TextPlace>
  readonly action: GuardAction
  /** What a target must carry, for `route`. */
  readonly tag: string | undefined
  /** `undefined`: always. One that fails counts as met: what guards must not end by a mistake in it. */
  readonly condition: Condition | undefined
  readonly isShadow: boolean
}
