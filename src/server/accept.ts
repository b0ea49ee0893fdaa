import type { IncomingMessage } from 'node:http'
import { GatewayError } from '../canonical/error.ts'

export const maxHeaders = 100

/**
 * What a request must be before anyone looks at who sent it.
 * @throws GatewayError `headers_too_large`, `method_not_allowed`, `unsupported_media_type`, `unauthenticated`.
 */
export function checkAcceptable(incoming: IncomingMessage, query: string): void {
  if (incoming.rawHeaders.length / 2 > maxHeaders)
    throw new GatewayError('headers_too_large', `more than ${maxHeaders} headers were sent`)
  if (incoming.method !== 'POST')
    throw new GatewayError('method_not_allowed', `${incoming.method} is not accepted here; use POST`)
  // A key in the URL ends up in the logs of every proxy on the way (failures.md L1).
  if (/(?:^|&)key=/i.test(query))
    throw new GatewayError('unauthenticated', 'keys in the URL are refused: send the key in the x-goog-api-key header')
  const { 'content-encoding': encoding, 'content-type': type } = incoming.headers
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    throw new GatewayError(
      'unsupported_media_type',
      'compressed bodies are not accepted: send the body without content-encoding',
    )
  if (type !== undefined && !/^application\/(?:[\w.+-]+\+)?json\b/i.test(type))
    throw new GatewayError('unsupported_media_type', `the body must be JSON: send content-type: application/json`)
}
