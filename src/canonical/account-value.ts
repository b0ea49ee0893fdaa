import type { AccountKey } from './account-key.ts'
import type { Call } from './call.ts'
import type { Principal } from './principal.ts'

/**
 * How long what accounts are kept by is at most where clients say it, in UTF-16 units: the name of a model, an end user, a run, a
 * value of the metadata. Whoever reads it cuts or refuses what is longer.
 */
export const longestClientText = 256

/**
 * Which account a call belongs to; `undefined`: the call has no such value. Names are unique within their organisation only,
 * and what a model carries is asked by several.
 */
export function accountValueOf(by: AccountKey, principal: Principal, call: Call): string | undefined {
  const { organisation, team, project, user, agent } = principal
  const below = (name: string | undefined) => (name === undefined ? undefined : `${organisation}/${name}`)
  switch (by.kind) {
    case 'key':
      return principal.keyId
    case 'organisation':
      return organisation
    case 'team':
      return below(team)
    case 'project':
      return project === undefined ? undefined : below(`${team}/${project}`)
    case 'user':
      return below(user)
    case 'agent':
      return below(agent)
    case 'endUser':
      return below(call.endUser)
    case 'run':
      return below(principal.runId)
    case 'metadata':
      return Object.hasOwn(principal.metadata, by.name) ? below(principal.metadata[by.name]) : undefined
    case 'model':
      // What is carried in a provider's own words names none.
      return call.modelName === '' ? undefined : call.modelName
  }
}
