import { GatewayError } from '../canonical/error.ts'
import type { PassedOver } from './plan.ts'

/** No target of a model may or can serve a call. */
export class NothingLeft extends GatewayError {
  /** Each target, with the reason against it. Empty where none is on. */
  readonly passedOver: readonly PassedOver[]

  constructor(
    kind: 'upstream_unavailable' | 'model_not_allowed' | 'unsupported',
    message: string,
    passedOver: readonly PassedOver[],
  ) {
    super(kind, message, kind === 'model_not_allowed' ? { param: 'model' } : {})
    this.passedOver = passedOver
  }
}
