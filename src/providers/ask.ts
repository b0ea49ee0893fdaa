import type { Json } from '../canonical/json.ts'
import { parseUnscannedJson } from '../wire/json-parse.ts'
import { noCredential } from './expiring.ts'
import { hearWhole, type Told } from './hear-whole.ts'
import type { NetworkSettings, Upstream, UpstreamCall } from './provider.ts'

/** One small call to whoever gives out tokens. */
export interface Question {
  readonly url: string
  readonly method: 'GET' | 'POST'
  /** Without `accept`, which is said once. */
  readonly headers: readonly string[]
  /** Default: `application/json`. */
  readonly accept?: string
  readonly body?: string
}

/** Answers with tokens have a few kilobytes. */
export const toldSizeLimitBytes = 256 * 1024

/**
 * Asks once, and hears the whole answer, whatever its status.
 * @param ending ends it from outside: times are kept by whoever asks (`openExpiring`).
 * @throws GatewayError `upstream_credential` when no whole answer came.
 */
export async function ask(
  question: Question,
  upstream: Upstream,
  { name, network }: { readonly name: string; readonly network: NetworkSettings },
  ending: AbortSignal,
): Promise<Told> {
  const { origin, pathname, search, host } = new URL(question.url)
  const call: UpstreamCall = {
    provider: name,
    origin,
    network,
    method: question.method,
    path: `${pathname}${search}`,
    headers: ['accept', question.accept ?? 'application/json', 'accept-encoding', 'identity', ...question.headers],
    body: Buffer.from(question.body ?? ''),
    // Rarely asked, so that an idle connection would most often be stale.
    mustConnectAnew: true,
  }
  const failed = (what: string) => noCredential(`whoever gives it out ${what}`, undefined, new Error(`${host} ${what}`))
  const heard = await hearWhole(call, upstream, toldSizeLimitBytes, ending)
  switch (heard.kind) {
    case 'told':
      return heard
    case 'too-large':
      throw failed(`answered with more than ${toldSizeLimitBytes} bytes`)
    case 'failed':
      throw failed(`could not be asked (${heard.failure.message})`)
    case 'ended':
      throw failed('did not answer in time')
  }
}

/**
 * The same as a function of the form of `fetch`, for libraries that find credentials themselves: so they take the way of the
 * provider, and end when they are ended.
 */
export function fetchOver(
  upstream: Upstream,
  way: { readonly name: string; readonly network: NetworkSettings },
  ending: AbortSignal,
): (input: string | URL | Request, init?: RequestInit) => Promise<Response> {
  return async (input, init) => {
    const asked = new Request(input, init)
    const told = await ask(
      {
        url: asked.url,
        method: asked.method === 'POST' ? 'POST' : 'GET',
        headers: [...asked.headers].filter(([name]) => name !== 'accept').flat(),
        body: await asked.text(),
      },
      upstream,
      way,
      ending,
    )
    const contentType = told.header('content-type')
    return new Response(told.body.length === 0 ? null : told.body.toString('utf8'), {
      status: told.status,
      headers: contentType === undefined ? {} : { 'content-type': contentType },
    })
  }
}

/** The JSON of an answer; `undefined`: it is none. */
export function readTold(body: Buffer): Json | undefined {
  try {
    return parseUnscannedJson(body.toString('utf8'))
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined
    throw thrown
  }
}

/**
 * The network on the way to whoever gives out tokens: that of the provider, but for what is the provider's alone, its name and the
 * certificate that is shown to it.
 * @param isNamed the config says where that is. Only then may its name lead to private addresses as the provider's may: nobody
 *   has said so of an address that is built in.
 */
export function networkOfTokens(
  { connectTimeoutMs, isPrivate, proxy, tls }: NetworkSettings,
  isNamed: boolean,
): NetworkSettings {
  return {
    connectTimeoutMs,
    maxConnections: maxTokenConnections,
    ...(isNamed && isPrivate === true && { isPrivate }),
    proxy,
    tls: tls && {
      authorities: tls.authorities,
      identity: undefined,
      servername: undefined,
      minVersion: tls.minVersion,
    },
  }
}

const maxTokenConnections = 2
