import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { GatewayError } from '../canonical/error.ts'
import type { JsonObject } from '../canonical/json.ts'
import { dialects } from '../dialects/all.ts'
import type { CarriedFamily } from '../gateway/carried/routes.ts'
import type { NativePlace } from '../gateway/native-path.ts'
import type { DialectName } from '../dialects/dialect.ts'
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
  endpoint('/v1/completions', 'openai-completions'),
  endpoint('/v1/embeddings', 'openai-embeddings'),
  endpoint('/v1/messages', 'anthropic-messages'),
  endpoint('/api/chat', 'ollama-chat'),
  endpoint('/v1beta/models/{model}:generateContent', 'gemini-generate'),
  endpoint('/model/{model}/converse', 'bedrock-converse'),
  endpoint('/v1beta/models/{model}:embedContent', 'gemini-embeddings'),
  endpoint('/v2/embed', 'cohere-embeddings'),
  endpoint('/v2/chat', 'cohere-chat'),
  endpoint('/v1/rerank', 'jina-rerank'),
  endpoint('/v2/rerank', 'cohere-rerank'),
  endpoint('/v1/moderations', 'openai-moderations'),
  endpoint('/v1/messages/count_tokens', 'anthropic-count-tokens'),
  endpoint('/v1beta/models/{model}:countTokens', 'gemini-count-tokens'),
  endpoint('/v1/responses/input_tokens', 'openai-input-tokens'),
  endpoint('/v1/images/generations', 'openai-images'),
  endpoint('/v1/images/edits', 'openai-image-edits'),
  endpoint('/v1/images/variations', 'openai-image-variations'),
  endpoint('/v1/audio/speech', 'openai-speech'),
  endpoint('/v1/audio/transcriptions', 'openai-transcriptions'),
  endpoint('/v1/audio/translations', 'openai-translations'),
]

/** Tells what a call would cost; its body is that of the call. */
export const quotePath = '/v1/quote'

/**
 * The endpoint whose call is quoted: `?path=/v1/messages`. Without one, chat completions.
 * @throws GatewayError `invalid_request` for a path that is none.
 */
export function quotedEndpoint(query: string): Found {
  const path = new URLSearchParams(query).get('path') ?? '/v1/chat/completions'
  const found = endpointAt(path, '')
  if (found) return found
  const known = endpoints.map((one) => one.path).join(', ')
  throw new GatewayError('invalid_request', `the path to quote is none of ${known}`, { param: 'path' })
}
/** A path that was found, with what it says of the call itself where its dialect says it there. */
export interface Found {
  readonly endpoint: Endpoint
  readonly address: JsonObject | undefined
  /** The client wants a stream as one JSON array. */
  readonly isArray: boolean
}

/** Where realtime sessions are asked for. */
export const realtimeEndpoint: Endpoint = {
  path: 'GET /v1/realtime',
  dialect: dialects['openai-chat'],
  operation: 'carried',
}

/** Sessions of Gemini's Live API. Google's JavaScript SDK asks with two slashes where its base URL is that of a host. */
const livePath =
  /^\/{1,2}ws\/google\.ai\.generativelanguage\.(v1(?:beta|alpha)?)\.GenerativeService\.BidiGenerateContent(?:\?|$)/

export function isForRealtime(incoming: Pick<IncomingMessage, 'url' | 'headers'>): boolean {
  return incoming.headers.upgrade?.toLowerCase() === 'websocket' && realtimeAt(incoming.url ?? '') !== undefined
}

/** @param url with its query. */
export function realtimeAt(url: string): Endpoint | undefined {
  if (/^\/v1\/realtime(?:\?|$)/.test(url)) return realtimeEndpoint
  const [, version] = livePath.exec(url) ?? []
  if (version === undefined) return undefined
  const path = `GET /ws/google.ai.generativelanguage.${version}.GenerativeService.BidiGenerateContent`
  return { path, dialect: dialects['gemini-generate'], operation: 'carried' }
}

/** A path of a provider's own. Whether it is opened, the config says. */
export function nativeAt(method: string, path: string, query: string): NativePlace | undefined {
  const found = /^\/native\/([^/]+)(\/.+)$/.exec(path)
  const [, provider, rest] = found ?? []
  return provider === undefined || rest === undefined ? undefined : { method, provider, path: rest, query }
}

export function nativeEndpoint({ method }: NativePlace, spoken: DialectName): Endpoint {
  return { path: `${method} /native/{provider}`, dialect: dialects[spoken], operation: 'carried' }
}

/** Whose API a path that several share is asked in. */
export function familyOf(headers: IncomingHttpHeaders): CarriedFamily {
  if (headers['anthropic-version'] !== undefined) return 'anthropic'
  return headers['x-goog-api-key'] === undefined ? 'openai' : 'gemini'
}

export function endpointAt(path: string, query: string): Found | undefined {
  const endpoint = endpointByPath.get(path)
  if (endpoint) return { endpoint, address: undefined, isArray: false }
  for (const one of addressed) {
    const { address } = one.dialect
    const said = address?.read(path)
    if (address && said) return { endpoint: one, address: said, isArray: address.isArray(query) }
  }
  return undefined
}

const endpointByPath: ReadonlyMap<string, Endpoint> = new Map(
  endpoints.filter(({ dialect }) => dialect.address === undefined).map((one) => [one.path, one]),
)
const addressed: readonly Endpoint[] = endpoints.filter(({ dialect }) => dialect.address !== undefined)
