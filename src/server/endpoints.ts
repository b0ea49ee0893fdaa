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
  endpoint('/v1/embeddings', 'openai-embeddings'),
  endpoint('/v1/messages', 'anthropic-messages'),
]

export const endpointByPath: ReadonlyMap<string, Endpoint> = new Map(endpoints.map((one) => [one.path, one]))
