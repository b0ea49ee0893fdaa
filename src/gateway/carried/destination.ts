import { GatewayError } from '../../canonical/error.ts'
import type { Principal } from '../../canonical/principal.ts'
import { mayUse } from '../../policies/access/permit.ts'
import { chooseCredential } from '../../providers/credentials.ts'
import type { CarriedFamily, Credential, Provider } from '../../providers/provider.ts'
import type { CatalogModel, CatalogTarget } from '../../routing/catalog.ts'
import { reasonOfTags, requirementsOf } from '../../routing/requirements.ts'
import type { StateHolder } from '../../stores/ports/state-holders.ts'
import type { Parts } from '../parts.ts'
import type { Snapshot } from '../snapshot.ts'

/** Where a carried call goes. */
export interface Destination {
  readonly provider: Provider
  readonly credential: Credential
  /** What stands there before `/files` and the like. */
  readonly basePath: string
}

/**
 * The providers that a caller may have something carried to, in the order of the config: those that serve a model the caller may
 * use, under tags it must have. A target that serves only under a condition does not count, since no call is there to judge by it.
 */
export function carriersFor(snapshot: Snapshot, principal: Principal, family: CarriedFamily): readonly Provider[] {
  return providersFor(snapshot, principal).filter((provider) => provider.carries?.[family] !== undefined)
}

/** The same, whatever they carry. */
export function providersFor(snapshot: Snapshot, principal: Principal): readonly Provider[] {
  const served = new Set<Provider>()
  for (const name of namesSeenBy(snapshot, principal)) {
    const model = mayUse(principal, name) ? snapshot.catalog.find(name)?.model : undefined
    if (model) for (const { provider } of openTargets(model, principal)) served.add(provider)
  }
  return [...snapshot.providers.values()].filter((provider) => served.has(provider))
}

/** The targets of a catalog entry that serve this caller whatever is asked. */
export function openTargets(model: CatalogModel, principal: Principal): readonly CatalogTarget[] {
  if (model.when) return []
  const required = requirementsOf(model, principal)
  return model.targets.filter((target) => !target.when && reasonOfTags(target, required) === undefined)
}

/**
 * Where the holder of what a call names is.
 * @throws GatewayError `model_not_allowed`, `state_not_available`.
 */
export function destinationOfHolder(
  holder: StateHolder,
  carriers: readonly Provider[],
  family: CarriedFamily,
  snapshot: Pick<Snapshot, 'providers'>,
): Destination {
  const provider = snapshot.providers.get(holder.provider)
  const credential = provider && credentialOf(provider, holder)
  if (!provider || !credential)
    throw new GatewayError(
      'state_not_available',
      `provider "${holder.provider}" holds it, with a credential that is not in the config any more`,
    )
  const basePath = provider.carries?.[family]
  if (basePath === undefined)
    throw new GatewayError(
      'state_not_available',
      `provider "${provider.name}" holds it, and carries no such paths: ask whoever runs the gateway to let it, where it can (\`carries: true\`)`,
    )
  if (!carriers.includes(provider))
    throw new GatewayError(
      'model_not_allowed',
      `provider "${provider.name}" holds it, and serves no model that this key may use`,
    )
  return { provider, credential, basePath }
}

/** Whether the credential that made something is in the config: nobody can ask for it otherwise. */
export function isWithinReach(holder: StateHolder, { providers }: Pick<Snapshot, 'providers'>): boolean {
  const provider = providers.get(holder.provider)
  return provider !== undefined && credentialOf(provider, holder) !== undefined
}

function credentialOf(provider: Provider, { credentialId }: StateHolder): Credential | undefined {
  return provider.credentials.find(({ id }) => id === credentialId)
}

/**
 * Where something new is made: at the provider that the client names, else at the first.
 * @param wanted of the header `x-weir-provider`.
 * @throws GatewayError `unsupported`.
 */
export function destinationForNew(
  carriers: readonly Provider[],
  family: CarriedFamily,
  wanted: string | undefined,
  parts: Pick<Parts, 'health' | 'random'>,
): Destination {
  const provider = wanted === undefined ? carriers[0] : carriers.find(({ name }) => name === wanted)
  const basePath = provider?.carries?.[family]
  if (!provider || basePath === undefined)
    throw new GatewayError(
      'unsupported',
      wanted === undefined
        ? 'no provider that serves a model of this key keeps such things; ask whoever runs the gateway to configure one'
        : `x-weir-provider names ${JSON.stringify(wanted)}, which keeps no such things for this key; leave the header out`,
    )
  return { provider, credential: credentialFor(provider, parts), basePath }
}

/** One that is well, by lot. */
export function credentialFor(provider: Provider, { health, random }: Pick<Parts, 'health' | 'random'>): Credential {
  const isWell = ({ id }: Credential) => health.credential(provider.name, id) === 'closed'
  const credential = chooseCredential(provider, random, isWell) ?? chooseCredential(provider, random, () => true)
  if (!credential) throw new Error(`provider ${provider.name} has no credential`)
  return credential
}

/** Names under which models may be asked for: those of the config, and those that lists of allowed models hold. */
function namesSeenBy({ catalog }: Snapshot, { allowedModels }: Principal): readonly string[] {
  return [...catalog.models.map(({ name }) => name), ...allowedModels.flatMap(({ patterns }) => patterns)]
}
