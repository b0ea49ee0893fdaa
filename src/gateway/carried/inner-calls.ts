import type { Call, StateReference } from '../../canonical/call.ts'
import { GatewayError } from '../../canonical/error.ts'
import type { JsonObject } from '../../canonical/json.ts'
import type { Principal } from '../../canonical/principal.ts'
import type { Dialect } from '../../dialects/dialect.ts'
import type { Provider } from '../../providers/provider.ts'
import { findPermitted } from '../find-model.ts'
import { readAsked, type Asked } from '../read-asked.ts'
import type { Snapshot } from '../snapshot.ts'
import { openTargets } from './destination.ts'
import type { NamedObject } from './own-objects.ts'

/** A call inside something that is carried: judged as if it had come by itself. */
export interface InnerCall {
  readonly asked: Asked
  readonly dialect: Dialect
  readonly call: Call
  readonly value: JsonObject
  /** For problems: which of them it is. */
  readonly where: string
}

/** Calls in one file or body. More are refused: the provider's own bound is 100,000 for a batch of Anthropic's, 50,000 of OpenAI's. */
export const mostInnerCalls = 100_000

/** What the calls name at their provider. */
export function objectsIn(calls: readonly Pick<InnerCall, 'call' | 'where'>[]): readonly NamedObject[] {
  return calls.flatMap(({ call, where }) =>
    (call.state ?? []).map((one) => ({ ...objectOf(one), param: `${where}: ${one.param}` })),
  )
}

/** Nothing is asked of a provider here that only it could know: what nobody knows here is nobody's. */
export function objectOf({ id, param, kind }: StateReference): NamedObject {
  return { id, param, kind: kind === 'object' || kind === 'thought' ? 'answer' : kind }
}

/**
 * What the model of a call is called at the provider that it goes to.
 * @throws GatewayError `model_not_found`, `model_not_allowed`, `unsupported` when the provider serves no such model.
 */
export function modelNameThere(
  { call, where }: InnerCall,
  provider: Provider,
  principal: Principal,
  snapshot: Snapshot,
): string {
  return within(where, () => modelNameAt(call.modelName, provider, principal, snapshot))
}

/**
 * What a model is called at the provider that something goes to.
 * @throws GatewayError `model_not_found`, `model_not_allowed`, `unsupported` when the provider serves no such model.
 */
export function modelNameAt(modelName: string, provider: Provider, principal: Principal, snapshot: Snapshot): string {
  const found = findPermitted(snapshot.catalog, principal, modelName)
  const target = openTargets(found.model, principal).find((one) => one.provider === provider)
  if (!target)
    throw new GatewayError(
      'unsupported',
      `provider "${provider.name}", which this goes to, does not serve model "${modelName}"`,
      { param: 'model' },
    )
  return target.hasWildcard ? target.modelName.replace('*', () => found.wildcard) : target.modelName
}

/** @param address what is said of the call outside of it. */
export function innerCall(dialect: Dialect, bytes: Buffer, where: string, address?: JsonObject): InnerCall {
  const asked = within(where, () => readAsked(dialect, bytes, address))
  return { asked, dialect, call: asked.call, value: asked.value, where }
}

export function tooMany(): GatewayError {
  return new GatewayError('request_too_large', `more than ${mostInnerCalls} calls are in one batch; send several`)
}

/** Names the place in what is thrown. */
export function within<Result>(where: string, act: () => Result): Result {
  try {
    return act()
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown
    const { kind, param, isLasting, facts } = thrown
    throw new GatewayError(kind, `${where}: ${thrown.message}`, { param, isLasting, facts, cause: thrown })
  }
}
