import type { Call } from '../canonical/call.ts'
import type { Principal } from '../canonical/principal.ts'
import type { Condition, ConditionFacts } from '../config/condition.ts'
import type { DialectName } from '../dialects/dialect.ts'
import type { Provider } from '../providers/provider.ts'
import { reasonOfAbility, type Abilities } from './abilities.ts'
import type { CatalogModel, CatalogTarget, Found } from './catalog.ts'
import { factsOf } from './facts.ts'
import { NothingLeft } from './nothing-left.ts'
import { reasonOfTags, requirementsOf } from './requirements.ts'
import { inOrder, type Candidate, type Measures } from './strategy.ts'

/** Where one attempt goes. */
export interface Target {
  /** `<provider>/<model name there>`: what health, breakers and busy counts go by. */
  readonly id: string
  readonly provider: Provider
  /** The provider's own model name, wildcard filled in. */
  readonly modelName: string
  /** What is spoken there: the caller's own dialect wherever the provider has it. */
  readonly dialect: DialectName
  /** What is known of its model. */
  readonly abilities: Abilities
  /** What is sent for calls that set no cap of their own and need one, where the config says so. */
  readonly defaultOutputCapTokens: number | undefined
  /** Why it stands at this place in the order, for the record. */
  readonly reason: string
}

/** The targets of one call, in the order to try, with reasons for and against. Never empty. */
export interface Plan {
  readonly model: CatalogModel
  readonly targets: readonly [Target, ...Target[]]
  readonly passedOver: readonly PassedOver[]
}

/** A target that may not serve the call, or cannot, and why, in words for people. */
export interface PassedOver {
  readonly target: string
  readonly reason: string
}

/** One call, as far as its way through the catalog goes. */
export interface Asking {
  readonly call: Call
  readonly principal: Principal
  /** What the call can be said in, the caller's own first. */
  readonly dialects: readonly [DialectName, ...DialectName[]]
  readonly bodyBytes: number
  /** Wall time. */
  readonly nowMs: number
  readonly measures: Measures
}

/** `<provider>/<model>`: what health, metrics and records call a target. */
export function targetIdOf(target: { readonly provider: Pick<Provider, 'name'>; readonly modelName: string }): string {
  return `${target.provider.name}/${target.modelName}`
}

/**
 * Orders the targets of a catalog entry for one call. Only targets that may serve the call are in the plan, so whatever is
 * done with it later (failover, hedging, stickiness) keeps to tags and conditions.
 * @throws GatewayError `upstream_unavailable` when every target's provider is switched off, `model_not_allowed` when tags or
 *   conditions leave none, `unsupported` when no target can serve the call.
 */
export function planFor({ model, wildcard }: Found, asking: Asking): Plan {
  const passedOver: PassedOver[] = []
  const able: Candidate[] = []
  const judge = judgeOf(model, asking)
  let mayNot = 0
  for (const target of model.targets) {
    const modelName = nameAt(target, wildcard)
    const id = target.hasWildcard ? targetIdOf({ provider: target.provider, modelName }) : target.id
    const against = judge(target, modelName)
    if (against === undefined) able.push({ target, id, modelName })
    else {
      passedOver.push({ target: id, reason: against.reason })
      if (against.isForbidden) mayNot += 1
    }
  }
  const [first, ...rest] = inOrder(model, able, asking.measures).map(
    ({ candidate: { target, id, modelName }, reason }): Target => ({
      id,
      provider: target.provider,
      modelName,
      dialect: spokenAt(target, modelName, asking.dialects) ?? asking.dialects[0],
      abilities: target.abilities,
      defaultOutputCapTokens: target.defaultOutputCapTokens,
      reason,
    }),
  )
  if (first) return { model, targets: [first, ...rest], passedOver }
  throw nothingLeft(model, asking.call, passedOver, mayNot > 0)
}

interface Against {
  readonly reason: string
  /** A policy says no, as opposed to the target's own nature. */
  readonly isForbidden: boolean
}

/** Says why a target cannot or may not serve a call; `undefined` when it can and may. */
function judgeOf(
  model: CatalogModel,
  asking: Asking,
): (target: CatalogTarget, modelName: string) => Against | undefined {
  const { call, principal, bodyBytes, nowMs } = asking
  const required = requirementsOf(model, principal)
  let facts: ConditionFacts | undefined
  const reasonOfCondition = (condition: Condition | undefined): string | undefined => {
    if (condition === undefined) return undefined
    facts ??= factsOf(call, principal, bodyBytes, nowMs)
    const verdict = condition.judge(facts)
    switch (verdict.kind) {
      case 'met':
        return undefined
      case 'unmet':
        return `serves only when ${condition.source}`
      case 'failed':
        // Doubt keeps a target out: a condition may stand for a promise.
        return `serves only when ${condition.source}, which cannot be told: ${verdict.why}`
    }
  }
  const ofModel = reasonOfCondition(model.when)
  return (target, modelName) => {
    const nature = reasonOfNature(target, modelName, asking)
    if (nature !== undefined) return { reason: nature, isForbidden: false }
    const policy = reasonOfTags(target, required) ?? ofModel ?? reasonOfCondition(target.when)
    return policy === undefined ? undefined : { reason: policy, isForbidden: true }
  }
}

function reasonOfNature(
  target: CatalogTarget,
  modelName: string,
  { dialects, call, bodyBytes }: Asking,
): string | undefined {
  // Some providers have the name in the path, where these two are places; clients choose names where patterns let them.
  if (modelName === '.' || modelName === '..') return 'has a name that no model can have'
  if (spokenAt(target, modelName, dialects) === undefined) {
    const only = call.untranslatable === undefined ? '' : `, and nothing else has a word for ${call.untranslatable}`
    return `does not speak ${dialects.join(' or ')}${only}`
  }
  return reasonOfAbility(target.abilities, call, bodyBytes)
}

/** Whether some target of a model is spoken to in a dialect. */
export function isSpoken({ model, wildcard }: Found, dialect: DialectName): boolean {
  return model.targets.some((target) => spokenAt(target, nameAt(target, wildcard), [dialect]) !== undefined)
}

/** The target's name for the model, wildcard filled in. */
function nameAt({ hasWildcard, modelName }: CatalogTarget, wildcard: string): string {
  return hasWildcard ? modelName.replace('*', () => wildcard) : modelName
}

function spokenAt(
  { provider }: CatalogTarget,
  modelName: string,
  dialects: readonly DialectName[],
): DialectName | undefined {
  return dialects.find(
    (dialect) => provider.endpoints[dialect] !== undefined && (provider.speaks?.(dialect, modelName) ?? true),
  )
}

function nothingLeft(
  model: CatalogModel,
  call: Call,
  passedOver: readonly PassedOver[],
  isForbidden: boolean,
): NothingLeft {
  if (model.targets.length === 0)
    return new NothingLeft(
      'upstream_unavailable',
      `every provider of model "${call.modelName}" is switched off: set the environment variable its \`when\` names`,
      passedOver,
    )
  const reasons = passedOver.map((one) => `${one.target} ${one.reason}`).join('; ')
  return isForbidden
    ? new NothingLeft(
        'model_not_allowed',
        `no target of model "${call.modelName}" may serve this call: ${reasons}`,
        passedOver,
      )
    : new NothingLeft(
        'unsupported',
        `no target of model "${call.modelName}" can serve this call: ${reasons}`,
        passedOver,
      )
}
