import type { DecidedTarget } from '../canonical/decision.ts'
import { GatewayError } from '../canonical/error.ts'

/** No target of a model may or can serve a call. */
export class NothingLeft extends GatewayError {
  /** Each target, with the reason against it. Empty where none is on. */
  readonly passedOver: readonly DecidedTarget[]

  constructor(
    kind: 'upstream_unavailable' | 'model_not_allowed' | 'unsupported',
    message: string,
    passedOver: readonly DecidedTarget[],
  ) {
    super(kind, message, kind === 'model_not_allowed' ? { param: 'model' } : {})
    this.passedOver = passedOver
  }
}
