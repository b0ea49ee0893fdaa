import { knownOutputTokens } from '../accounting/output-maximum.ts'
import { writeRate } from '../accounting/rates.ts'
import type { RatedPrice } from '../accounting/rated-price.ts'
import { targetPrice } from '../accounting/target-price.ts'
import type { Need } from '../canonical/call.ts'
import type { Principal } from '../canonical/principal.ts'
import { usageComponents } from '../canonical/usage.ts'
import { readModelName } from '../dialects/shared/call-fields.ts'
import type { DialectName } from '../dialects/dialect.ts'
import { mayUse, permit } from '../policies/access/permit.ts'
import { identify, type IdentityHeaders } from '../policies/identity/identify.ts'
import type { Found } from '../routing/catalog.ts'
import { findModel } from './find-model.ts'
import { methodsOfModel } from './methods-of-model.ts'
import type { Parts } from './parts.ts'
import { pageOfModels } from './page-of-models.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * What `GET /v1/models` and `GET /v1/models/{name}` tell a key, in the caller's dialect.
 * @param name of one model; `undefined`: all that the key may use.
 * @param query may ask for a part of them.
 * @throws GatewayError `unauthenticated`; `invalid_request` for what can be no name or part; `model_not_found`, `model_not_allowed`.
 */
export function tellModels(
  headers: IdentityHeaders,
  dialect: DialectName,
  name: string | undefined,
  query: string,
  parts: Parts,
): unknown {
  const [snapshot, nowMs] = [parts.snapshot(), parts.clock.nowMs()]
  const principal = identify(headers, snapshot.identity, parts.hashOf, nowMs)
  return name === undefined
    ? listModels(snapshot, principal, dialect, new URLSearchParams(query), nowMs)
    : oneModel(snapshot, principal, dialect, name, nowMs)
}

/** Patterns are left out, since `openai/*` is no name that could be called. */
function listModels(
  snapshot: Snapshot,
  principal: Principal,
  dialect: DialectName,
  query: URLSearchParams,
  nowMs: number,
): unknown {
  const usable = snapshot.catalog.models.filter(({ name }) => !name.includes('*') && mayUse(principal, name))
  const { models, hasMore } = pageOfModels(usable, dialect, query)
  const told = models.map((model) => toldIn(dialect, model.name, { model, wildcard: '' }, snapshot, nowMs))
  const last = models.at(-1)?.name
  switch (dialect) {
    case 'anthropic-messages':
      return { data: told, has_more: hasMore, first_id: models[0]?.name ?? null, last_id: last ?? null }
    case 'gemini-generate':
      return { models: told, ...(hasMore && { nextPageToken: last }) }
    default:
      return { object: 'list', data: told }
  }
}

/** It may be an instance of a pattern. */
function oneModel(
  snapshot: Snapshot,
  principal: Principal,
  dialect: DialectName,
  name: string,
  nowMs: number,
): unknown {
  const found = findModel(snapshot.catalog, principal, readModelName({ model: name }))
  permit(principal, name)
  return toldIn(dialect, name, found, snapshot, nowMs)
}

function toldIn(dialect: DialectName, name: string, found: Found, snapshot: Snapshot, nowMs: number) {
  const weir = ownWords(found, snapshot, nowMs)
  const { context_tokens: inputTokens, output_tokens: outputTokens } = weir
  switch (dialect) {
    case 'anthropic-messages':
      return {
        type: 'model',
        id: name,
        display_name: name,
        created_at: '1970-01-01T00:00:00Z',
        max_input_tokens: inputTokens,
        max_tokens: outputTokens,
        weir,
      }
    case 'gemini-generate':
      return {
        name: `models/${name}`,
        displayName: name,
        supportedGenerationMethods: methodsOfModel(found),
        ...(inputTokens !== null && { inputTokenLimit: inputTokens }),
        ...(outputTokens !== null && { outputTokenLimit: outputTokens }),
        weir,
      }
    default:
      return { id: name, object: 'model', created: 0, owned_by: 'weir', weir }
  }
}

/** What no dialect has a word for. Where targets differ, what holds for all of them. */
function ownWords({ model, wildcard }: Found, snapshot: Snapshot, nowMs: number) {
  const targets = model.targets.map((target) => ({
    ...target,
    modelName: target.hasWildcard ? target.modelName.replace('*', () => wildcard) : target.modelName,
  }))
  return {
    context_tokens: least(targets.map(({ abilities }) => abilities.contextTokens)),
    output_tokens: least(
      targets.map(({ abilities, modelName }) => abilities.outputTokens ?? knownOutputTokens(modelName)),
    ),
    lacks: [...new Set(targets.flatMap(({ abilities }): readonly Need[] => [...abilities.lacks]))],
    targets: targets.map(({ provider, modelName }) => ({
      provider: provider.name,
      model: modelName,
      usd_per_million: ratesTold(targetPrice(snapshot.prices, { provider, modelName }, nowMs)),
    })),
  }
}

/** `null`: some target's is not known. */
function least(limits: readonly (number | undefined)[]): number | null {
  const known = limits.filter((limit) => limit !== undefined)
  return known.length < limits.length || known.length === 0 ? null : Math.min(...known)
}

/** By component of a usage, for inputs of ordinary length; `null`: no price is known, which is not free. */
function ratesTold(price: RatedPrice | undefined): Readonly<Record<string, string>> | null {
  if (!price) return null
  const { bands, unrated } = price
  const { rates } = bands[0]
  const rated = usageComponents.filter((component) => unrated?.has(component) !== true)
  return Object.fromEntries(rated.map((component) => [component, writeRate(rates[component])]))
}
