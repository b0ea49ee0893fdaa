import type { MiddlewareHandler } from 'hono'
import { readJsonBody } from '../wire/json-body.ts'
import { AdminProblem } from './problem.ts'

/** The largest body is a list of a thousand model patterns, some 256 KiB. */
export const bodyLimitBytes = 1024 * 1024

/**
 * Reads a body before any route sees it: at most 1 MiB, plain JSON, one object, no key twice at any depth. What a schema
 * judges later is what these checks let through.
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
    if (bytes.length > 0) readJsonBody(bytes, () => false)
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
  for await (const chunk of incoming.body ?? []) {
    sizeBytes += chunk.length
    if (sizeBytes > bodyLimitBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
