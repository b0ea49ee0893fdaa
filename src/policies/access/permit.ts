import { GatewayError } from '../../canonical/error.ts'
import { matchPattern, mayMeet } from '../../canonical/pattern.ts'
import type { Principal } from '../../canonical/principal.ts'

/** Whether every level above the caller that says anything about models allows this one. */
export function mayUse(principal: Principal, modelName: string): boolean {
  return refusingLevel(principal, modelName) === undefined
}

/** The same of an entry of the catalog, which may be a pattern: whether each level allows some model of it. */
export function mayUseSome(principal: Principal, entryName: string): boolean {
  return principal.allowedModels.every(({ patterns }) => patterns.some((pattern) => mayMeet(pattern, entryName)))
}

/** @throws GatewayError `model_not_allowed`, naming the level that refuses. */
export function permit(principal: Principal, modelName: string): void {
  const level = refusingLevel(principal, modelName)
  if (level !== undefined)
    throw new GatewayError('model_not_allowed', `${level} does not allow model "${modelName}"`, { param: 'model' })
}

function refusingLevel(principal: Principal, modelName: string): string | undefined {
  return principal.allowedModels.find(
    ({ patterns }) => !patterns.some((pattern) => matchPattern(pattern, modelName) !== undefined),
  )?.level
}
