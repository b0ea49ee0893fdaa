import { GatewayError } from '../canonical/error.ts'
import type { Principal } from '../canonical/principal.ts'
import { nearest } from '../config/nearest.ts'
import { mayUse, permit } from '../policies/access/permit.ts'
import type { Catalog, Found } from '../routing/catalog.ts'
import type { Meter } from './meter.ts'

/**
 * @throws GatewayError `model_not_found`, with the nearest name among those the caller may use; `invalid_request` for a name that
 *   no provider could be asked for.
 */
export function findModel(catalog: Catalog, principal: Principal, modelName: string): Found {
  // JSON lets half a character pass, and a pattern of the catalog would take it; but it has no place in a path.
  if (!modelName.isWellFormed())
    throw new GatewayError('invalid_request', 'the name of the model holds half a character', {
      param: 'model',
    })
  const found = catalog.find(modelName)
  if (found) return found
  const visible = catalog.models.map((model) => model.name).filter((name) => mayUse(principal, name))
  const hint = nearest(modelName, visible)
  const suggestion = hint === undefined ? '`GET /v1/models` lists what this key may use' : `did you mean "${hint}"?`
  throw new GatewayError('model_not_found', `model "${modelName}" is not in the catalog; ${suggestion}`, {
    param: 'model',
  })
}

/**
 * The entry of the catalog for a call, where its caller may make it.
 * @param meter notes the entry, also of a call that is refused then.
 * @throws GatewayError as `findModel` does; `model_not_allowed`.
 */
export function findPermitted(
  catalog: Catalog,
  principal: Principal,
  modelName: string,
  meter?: Pick<Meter, 'found'>,
): Found {
  const found = findModel(catalog, principal, modelName)
  meter?.found(found.model)
  permit(principal, modelName)
  return found
}
