import type { MiddlewareHandler } from 'hono'
import type { Json, JsonObject } from '../canonical/json.ts'
import type { ConfigPath } from '../config/config-path.ts'
import { unseenName } from '../config/name.ts'
import { pathText } from '../config/problem.ts'
import { readJsonBody } from '../wire/json-body.ts'
import { AdminProblem } from './problem.ts'

/** The largest body is a list of a thousand model patterns, some 256 KiB. */
export const bodyLimitBytes = 1024 * 1024

/**
 * Reads a body before any route sees it: at most 1 MiB, plain JSON, one object, at any depth no key twice and none that a
 * schema would not see. What a schema judges later is what these checks let through.
 */
export function readBody(): MiddlewareHandler {
  return async (http, next) => {
    const { method } = http.req
    if (method === 'GET' || method === 'HEAD') return next()
    const encoding = http.req.header('content-encoding')
    if (encoding !== undefined)
      throw new AdminProblem('unsupported_media_type', 'The body must not be encoded: no content-encoding is accepted.')
    const bytes = await cappedBytes(http.req.raw)
    const mediaType = http.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
    if (bytes.length > 0 && mediaType !== 'application/json')
      throw new AdminProblem('unsupported_media_type', 'The body must be JSON: send `content-type: application/json`.')
    if (bytes.length > 0) refuseUnseenName(readJsonBody(bytes, () => false).value, [])
    // The body is consumed now; this is where Hono keeps it for the schemas. Its type calls the promise by its result. An
    // absent body of a client that announces JSON all the same is an empty object.
    const text = bytes.length === 0 && mediaType === 'application/json' ? '{}' : bytes.toString('utf8')
    Object.assign(http.req.bodyCache, { text: Promise.resolve(text) })
    return next()
  }
}

async function cappedBytes(incoming: Request): Promise<Buffer> {
  const tooLarge = () => new AdminProblem('request_too_large', `The body is larger than ${bodyLimitBytes} bytes.`)
  // A length that is told is believed only when it is too large already.
  if (Number(incoming.headers.get('content-length') ?? 0) > bodyLimitBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  try {
    for await (const chunk of incoming.body ?? []) {
      sizeBytes += chunk.length
      if (sizeBytes > bodyLimitBytes) break
      chunks.push(chunk)
    }
  } catch {
    // Only the connection can fail here, and it is the client's: this is no mistake of ours.
    throw new AdminProblem(
      'invalid_request',
      'The body did not come in full: the connection was closed before its end.',
    )
  }
  if (sizeBytes > bodyLimitBytes) throw tooLarge()
  return Buffer.concat(chunks)
}

/** A limit or budget of this name would be answered as made, and never be in force. */
function refuseUnseenName(value: JsonObject | readonly Json[], path: ConfigPath): void {
  const { key, words } = unseenName
  if (Object.hasOwn(value, key)) throw new AdminProblem('invalid_request', `${pathText([...path, key])}: ${words}`)
  for (const [step, inner] of Object.entries(value))
    if (typeof inner === 'object' && inner !== null)
      refuseUnseenName(inner, [...path, Array.isArray(value) ? Number(step) : step])
}
