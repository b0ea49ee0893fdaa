import { GatewayError } from '../canonical/error.ts'
import { dialects } from '../dialects/all.ts'
import type { Endpoint } from '../gateway/exchange.ts'

const endpoint = (path: string, name: keyof typeof dialects): Endpoint => ({
  path,
  dialect: dialects[name],
  operation: dialects[name].operation,
})

/** Every client path that can reach a provider, and the dialect spoken there. There is no other door (failures.md M11). */
export const endpoints: readonly Endpoint[] = [
  endpoint('/v1/chat/completions', 'openai-chat'),
  endpoint('/v1/responses', 'openai-responses'),
  endpoint('/v1/embeddings', 'openai-embeddings'),
  endpoint('/v1/messages', 'anthropic-messages'),
]

export const endpointByPath: ReadonlyMap<string, Endpoint> = new Map(endpoints.map((one) => [one.path, one]))

/** Tells what a call would cost; its body is that of the call. */
export const quotePath = '/v1/quote'

/**
 * The endpoint whose call is quoted: `?path=/v1/messages`. Without one, chat completions.
 * @throws GatewayError `invalid_request` for a path that is none.
 */
export function quotedEndpoint(query: string): Endpoint {
  const path = new URLSearchParams(query).get('path') ?? '/v1/chat/completions'
  const found = endpointByPath.get(path)
  if (found) return found
  const known = endpoints.map((one) => one.path).join(', ')
  throw new GatewayError('invalid_request', `the path to quote is none of ${known}`, { param: 'path' })
}
