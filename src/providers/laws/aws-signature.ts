import { createHash, createHmac } from 'node:crypto'

/** A call as it came over a wire, and by whom it says that it is signed. */
export interface SignedCall {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * The value of `authorization` that a call should have by AWS's Signature Version 4, worked out step by step as AWS's page
 * "Create a signed AWS API request" (read 2026-11) tells it, and sharing no code with what signs. Paths are encoded once more,
 * as for every service but S3.
 */
export function awsSignature(
  call: SignedCall,
  key: { id: string; secret: string },
  region: string,
  service: string,
): string {
  const time = call.headers['x-amz-date'] ?? ''
  const day = time.slice(0, 8)
  const names = Object.keys(call.headers)
    .filter((name) => ['host', 'content-type'].includes(name) || name.startsWith('x-amz-'))
    .toSorted()
  const [path = '', query = ''] = call.path.split('?')
  const canonical = [
    call.method,
    path.split('/').map(encoded).join('/'),
    query,
    ...names.map((name) => `${name}:${call.headers[name]?.trim()}`),
    '',
    names.join(';'),
    sha256(call.body),
  ].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')
  const signingKey = [day, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${key.secret}`)
  const signature = hmac(signingKey, toSign).toString('hex')
  return `AWS4-HMAC-SHA256 Credential=${key.id}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
}

/** Reads the bytes of a call, as `openRawUpstream` keeps them. */
export function readRawCall(text: string): SignedCall {
  const [head = '', body = ''] = text.split(/\r\n\r\n([\s\S]*)/)
  const [line = '', ...lines] = head.split('\r\n')
  const [method = '', path = ''] = line.split(' ')
  const headers = Object.fromEntries(
    lines.map((one) => {
      const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(one) ?? []
      return [name.toLowerCase(), value]
    }),
  )
  return { method, path, headers, body }
}

function encoded(segment: string): string {
  return encodeURIComponent(segment).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
