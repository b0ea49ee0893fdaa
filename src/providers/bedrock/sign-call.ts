import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import type { UnauthorizedCall } from '../provider.ts'

/** Who signs. */
export interface AwsKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of a temporary key. */
  readonly sessionToken?: string | undefined
}

/**
 * Signs a call by AWS's Signature Version 4, over its method, path, host, content type where it has one, time and body.
 * @returns the headers that it needs besides, as a flat list of names and values.
 */
export async function signCall(
  call: Pick<UnauthorizedCall, 'origin' | 'method' | 'path' | 'headers' | 'body'>,
  key: AwsKey,
  scope: { readonly region: string; readonly service: string },
  nowMs: number,
): Promise<readonly string[]> {
  const { SignatureV4 } = await import('@smithy/signature-v4')
  const url = new URL(call.origin)
  const [path = '/', ...query] = call.path.split('?')
  const contentType = call.headers.find((_, place) => place % 2 === 1 && call.headers[place - 1] === 'content-type')
  // Others stay unsigned: a proxy may change them.
  const given = { host: url.host, ...(contentType !== undefined && { 'content-type': contentType }) }
  const credentials = { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey }
  const signer = new SignatureV4({
    ...scope,
    credentials: key.sessionToken === undefined ? credentials : { ...credentials, sessionToken: key.sessionToken },
    sha256: NodeHash,
  })
  const signed = await signer.sign(
    {
      method: call.method,
      protocol: url.protocol,
      hostname: url.hostname,
      path,
      query: valuesOf(query.join('?')),
      headers: given,
      body: call.body,
    },
    { signingDate: new Date(nowMs) },
  )
  return Object.entries(signed.headers)
    .filter(([name]) => !Object.hasOwn(given, name))
    .flatMap(([name, value]) => [name.toLowerCase(), value])
}

/** A name may be there more than once, and then each of its values is signed. */
function valuesOf(query: string): Record<string, string[]> {
  const params = new URLSearchParams(query)
  return Object.fromEntries(params.keys().map((name) => [name, params.getAll(name)]))
}

/** The library's own hash is written in JavaScript, and several times slower. */
class NodeHash {
  readonly #secret: string | Uint8Array | undefined
  #hash: Hash | Hmac

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret === undefined ? undefined : bytesOf(secret)
    this.#hash = this.#begun()
  }

  update(chunk: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(chunk))
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset(): void {
    this.#hash = this.#begun()
  }

  #begun(): Hash | Hmac {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', this.#secret)
  }
}

function bytesOf(source: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof source === 'string') return source
  if (source instanceof ArrayBuffer) return new Uint8Array(source)
  return new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
}
