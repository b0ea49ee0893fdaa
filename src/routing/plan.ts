import type { Call } from '../canonical/call.ts'
import { GatewayError } from '../canonical/error.ts'
import type { DialectName } from '../dialects/dialect.ts'
import type { Provider } from '../providers/provider.ts'
import type { CatalogModel, CatalogTarget, Found } from './catalog.ts'

/** Where one attempt goes. */
export interface Target {
  readonly provider: Provider
  /** The provider's own model name, wildcard filled in. */
  readonly modelName: string
  /** Why it stands at this place in the order, for the record. */
  readonly reason: string
}

/** The targets of one call, in the order to try, with reasons for and against. Never empty. */
export interface Plan {
  readonly model: CatalogModel
  readonly targets: readonly [Target, ...Target[]]
  readonly passedOver: readonly { readonly target: string; readonly reason: string }[]
}

/**
 * Orders the targets of a catalog entry for one call.
 * @param random uniform in [0, 1), for `weighted`.
 * @throws GatewayError `upstream_unavailable` when every target's provider is switched off, `unsupported` when none of
 *   them speaks the call's dialect.
 */
export function planFor(found: Found, call: Call, dialect: DialectName, random: () => number): Plan {
  const { model, wildcard } = found
  const passedOver: { target: string; reason: string }[] = []
  const able = model.targets.filter((target) => {
    if (target.provider.endpoints[dialect] !== undefined) return true
    passedOver.push({ target: nameOf(target), reason: `does not speak ${dialect}` })
    return false
  })
  const [first, ...rest] = ordered(model, able, random).map(({ target, reason }) => ({
    provider: target.provider,
    modelName: target.modelName.replace('*', () => wildcard),
    reason,
  }))
  if (first) return { model, targets: [first, ...rest], passedOver }
  if (model.targets.length === 0)
    throw new GatewayError(
      'upstream_unavailable',
      `every provider of model "${call.modelName}" is switched off: set the environment variable its \`when\` names`,
    )
  throw new GatewayError(
    'unsupported',
    `model "${call.modelName}" is served by ${passedOver.map((one) => one.target).join(', ')}, which do not speak ${dialect}`,
  )
}

function ordered(
  model: CatalogModel,
  targets: readonly CatalogTarget[],
  random: () => number,
): readonly { readonly target: CatalogTarget; readonly reason: string }[] {
  switch (model.strategy) {
    case 'priority':
      return targets.map((target, place) => ({ target, reason: `priority ${place + 1} of ${targets.length}` }))
    case 'weighted':
      return drawn(targets, random).map((target, place) => ({ target, reason: `weighted draw ${place + 1}` }))
  }
}

/** Draws without putting back, so that the ones behind the first are a fair order for failover too. */
function drawn(targets: readonly CatalogTarget[], random: () => number): readonly CatalogTarget[] {
  const left = [...targets]
  const order: CatalogTarget[] = []
  while (left.length > 0) {
    let mark = random() * left.reduce((sum, target) => sum + target.weight, 0)
    const place = left.findIndex((target) => (mark -= target.weight) < 0)
    order.push(...left.splice(place < 0 ? left.length - 1 : place, 1))
  }
  return order
}

function nameOf(target: CatalogTarget): string {
  return `${target.provider.name}/${target.modelName}`
}
