import type { IncomingMessage } from 'node:http'
import { GatewayError } from '../canonical/error.ts'
import { isKeyName } from '../gateway/key-names.ts'

export const maxHeaders = 100

/** Headers that say where a request ends and for whom it is: said twice, two readers may believe different ones. */
const saidOnce: ReadonlySet<string> = new Set(['host', 'content-length', 'transfer-encoding', 'content-type', 'expect'])

/**
 * Refuses what two readers of HTTP could understand differently (failures.md N1). What Node's parser refuses never comes here.
 * @throws GatewayError `invalid_request`, `headers_too_large`.
 */
export function checkFraming(incoming: IncomingMessage): void {
  const { rawHeaders, httpVersion, headers } = incoming
  if (rawHeaders.length / 2 > maxHeaders)
    throw new GatewayError('headers_too_large', `more than ${maxHeaders} headers were sent`)
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    throw new GatewayError('invalid_request', `HTTP/${httpVersion} is not spoken here; use HTTP/1.1`)
  const coding = headers['transfer-encoding']
  if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || httpVersion === '1.0'))
    throw new GatewayError('invalid_request', 'the only transfer-encoding here is chunked, in HTTP/1.1')
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue')
    throw new GatewayError('invalid_request', 'the header expect may only be 100-continue')
  let seen = ''
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const name = rawHeaders[place]?.toLowerCase() ?? ''
    if (!saidOnce.has(name)) continue
    if (seen.includes(`${name} `))
      throw new GatewayError('invalid_request', `the header ${name} was sent more than once`)
    seen += `${name} `
  }
}

/** Whether the client waits for a word of ours before it sends its body. */
export function waitsForContinue(incoming: IncomingMessage): boolean {
  return incoming.headers.expect !== undefined && incoming.httpVersion === '1.1'
}

/**
 * The same for a path that is carried whole, of which the method is known.
 * @throws GatewayError `unsupported_media_type`, `unauthenticated`.
 */
export function checkCarriable(incoming: IncomingMessage, query: string, body: 'none' | 'json' | 'any'): void {
  refuseKeyInQuery(query)
  refuseEncoding(incoming)
  if (body === 'json') mustBeJson(incoming, false)
}

/**
 * What a request must be before anyone looks at who sent it.
 * @param takesForms its body may be a form with files.
 * @throws GatewayError `method_not_allowed`, `unsupported_media_type`, `unauthenticated`.
 */
export function checkAcceptable(incoming: IncomingMessage, query: string, takesForms = false): void {
  if (incoming.method !== 'POST')
    throw new GatewayError('method_not_allowed', `${incoming.method} is not accepted here; use POST`)
  refuseKeyInQuery(query)
  refuseEncoding(incoming)
  mustBeJson(incoming, takesForms)
}

/** @throws GatewayError `unauthenticated` for a key in the URL. */
export function refuseKeyInQuery(query: string): void {
  if (query === '') return
  for (const name of new URLSearchParams(query).keys())
    if (isKeyName(name))
      throw new GatewayError(
        'unauthenticated',
        'keys in the URL are refused: send the key in the header authorization, x-api-key or x-goog-api-key',
      )
}

/**
 * Weir calls providers with the keys of its config. A client that sends one of its own is told so, rather than served with another.
 * @throws GatewayError `unsupported`.
 */
export function refuseProviderKey({ headers }: IncomingMessage): void {
  if (headers['x-weir-provider-key'] !== undefined)
    throw new GatewayError(
      'unsupported',
      'keys of providers are not taken from clients: leave out the header x-weir-provider-key, and the key of the config is used',
      { param: 'x-weir-provider-key' },
    )
}

/** What Google's JavaScript SDK is given in place of a key, since it always puts one into the URL of a session. */
const noKey = 'header'

/**
 * The same for a session of Gemini's Live API.
 * @throws GatewayError `unauthenticated`.
 */
export function checkLiveQuery(query: string): void {
  for (const [name, value] of new URLSearchParams(query))
    if (isKeyName(name) && !(name.toLowerCase() === 'key' && value === noKey))
      throw new GatewayError(
        'unauthenticated',
        `keys in the URL are refused: send the key in the x-goog-api-key header. Google's JavaScript SDK does so with \`apiKey: '${noKey}'\` and the key in \`httpOptions.headers\``,
      )
}

function refuseEncoding({ headers }: IncomingMessage): void {
  const { 'content-encoding': encoding } = headers
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    throw new GatewayError(
      'unsupported_media_type',
      'compressed bodies are not accepted: send the body without content-encoding',
    )
}

function mustBeJson({ headers }: IncomingMessage, takesForms: boolean): void {
  const { 'content-type': type } = headers
  if (takesForms && type !== undefined && /^multipart\/form-data\b/i.test(type)) return
  if (type !== undefined && !/^application\/(?:[\w.+-]+\+)?json\b/i.test(type))
    throw new GatewayError(
      'unsupported_media_type',
      `the body must be JSON: send content-type: application/json${takesForms ? ', or a form: multipart/form-data' : ''}`,
    )
}
