import { expect } from 'vitest'
import { GatewayError } from '../../canonical/error.ts'

/** The field for which a reader refuses a body with `invalid_request`; `undefined` when it does not. */
export function refusedParam(read: () => unknown): string | undefined {
  try {
    read()
  } catch (thrown) {
    if (!(thrown instanceof GatewayError) || thrown.kind !== 'invalid_request') throw thrown
    expect(thrown.message).toContain(thrown.param)
    return thrown.param
  }
  return undefined
}
