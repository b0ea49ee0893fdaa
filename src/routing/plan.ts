import type { Call } from '../canonical/call.ts'
import { GatewayError } from '../canonical/error.ts'
import type { DialectName } from '../dialects/dialect.ts'
import type { Provider } from '../providers/provider.ts'
import { reasonOfAbility } from './abilities.ts'
import type { CatalogModel, CatalogTarget, Found } from './catalog.ts'

/** Where one attempt goes. */
export interface Target {
  readonly provider: Provider
  /** The provider's own model name, wildcard filled in. */
  readonly modelName: string
  /** What is spoken there: the caller's own dialect wherever the provider has it. */
  readonly dialect: DialectName
  /** The most its model writes, where the config says so. */
  readonly outputTokens: number | undefined
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
 * @param dialects what the call can be said in, the caller's own first.
 * @param bodyBytes the size of the caller's body.
 * @param random uniform in [0, 1), for `weighted`.
 * @throws GatewayError `upstream_unavailable` when every target's provider is switched off, `unsupported` when none of
 *   them can serve the call.
 */
export function planFor(
  found: Found,
  call: Call,
  dialects: readonly [DialectName, ...DialectName[]],
  bodyBytes: number,
  random: () => number,
): Plan {
  const { model, wildcard } = found
  const passedOver: { target: string; reason: string }[] = []
  const able = model.targets.filter((target) => {
    const reason = reasonAgainst(target, call, dialects, bodyBytes)
    if (reason !== undefined) passedOver.push({ target: nameOf(target), reason })
    return reason === undefined
  })
  const [first, ...rest] = ordered(model, able, random).map(({ target, reason }) => ({
    provider: target.provider,
    modelName: target.modelName.replace('*', () => wildcard),
    dialect: spokenAt(target, dialects) ?? dialects[0],
    outputTokens: target.abilities.outputTokens,
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
    `no target of model "${call.modelName}" can serve this call: ${passedOver.map((one) => `${one.target} ${one.reason}`).join('; ')}`,
  )
}

/** Why a target cannot serve a call; `undefined` when it can. */
function reasonAgainst(
  target: CatalogTarget,
  call: Call,
  dialects: readonly DialectName[],
  bodyBytes: number,
): string | undefined {
  if (spokenAt(target, dialects) === undefined) return `does not speak ${dialects.join(' or ')}`
  return reasonOfAbility(target.abilities, call, bodyBytes)
}

function spokenAt(target: CatalogTarget, dialects: readonly DialectName[]): DialectName | undefined {
  return dialects.find((dialect) => target.provider.endpoints[dialect] !== undefined)
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
