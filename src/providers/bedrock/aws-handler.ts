import { ask } from '../ask.ts'
import type { NetworkSettings, Upstream } from '../provider.ts'

/** A call as AWS's own library words it. */
interface AwsCall {
  readonly method: string
  /** With its colon. */
  readonly protocol: string
  readonly hostname: string
  readonly port?: number | undefined
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[] | null>> | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | undefined
}

/**
 * What AWS's own library sends its calls with, in the form that it wants: so they take the way of the provider, and end when they
 * are ended.
 */
export function handlerOver(
  upstream: Upstream,
  way: { readonly name: string; readonly network: NetworkSettings },
  ending: AbortSignal,
) {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle: async (call: AwsCall) => {
      const told = await ask(
        {
          url: urlOf(call),
          method: call.method === 'POST' ? 'POST' : 'GET',
          headers: Object.entries(call.headers)
            .filter(([name]) => !saidElsewhere.has(name.toLowerCase()))
            .flat(),
          accept: call.headers['accept'] ?? '*/*',
          body: Buffer.from(call.body ?? '').toString('utf8'),
        },
        upstream,
        way,
        ending,
      )
      const headers = Object.fromEntries(readHeaders.map((name) => [name, told.header(name) ?? '']))
      return { response: { statusCode: told.status, headers, body: new Uint8Array(told.body) } }
    },
  }
}

/** `ask` and the way to the wire say these, and a signature over them holds: they are the same. */
const saidElsewhere = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'expect', 'accept'])

/** What the library looks at, beside the body. */
const readHeaders = ['content-type', 'x-amzn-errortype', 'x-amzn-requestid'] as const

function urlOf({ protocol, hostname, port, path, query = {} }: AwsCall): string {
  const params = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value ?? '')}`),
  )
  const place = port === undefined ? hostname : `${hostname}:${port}`
  return `${protocol}//${place}${path}${params.length === 0 ? '' : `?${params.join('&')}`}`
}
