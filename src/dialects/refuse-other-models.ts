import { GatewayError } from '../canonical/error.ts'
import type { JsonObject } from '../canonical/json.ts'

/**
 * OpenRouter takes further models in `models` and whole settings, model included, in `preset` (its API reference, read
 * 2026-11). They would be used, and billed, without anyone having permitted them here: failover is the config's business.
 * @throws GatewayError `unsupported`, naming the field.
 */
export function refuseOtherModels(body: JsonObject): void {
  for (const key of ['models', 'preset'])
    if (body[key] !== undefined && body[key] !== null)
      throw new GatewayError(
        'unsupported',
        `\`${key}\` would let the provider choose models that were not asked for here; name one in \`model\``,
        { param: key },
      )
}
