import { asGatewayError } from '../canonical/error.ts'
import { enclose } from '../providers/envelope.ts'
import type { Credential, Provider, UpstreamCall } from '../providers/provider.ts'
import type { Choice } from '../routing/choose.ts'
import type { Exchange } from './exchange.ts'
import type { Parts } from './parts.ts'
import type { AttemptFailure } from './upstream-answer.ts'
import type { Worded } from './word-call.ts'

type Sender = Pick<Choice, 'target' | 'credential'>

/** The whole of a call as it leaves, but for what `authorized` adds. */
export function callFor(
  exchange: Exchange,
  { target: { provider, modelName }, credential }: Sender,
  { dialect, call, body, contentType }: Worded,
  attemptNumber: number,
  mustConnectAnew: boolean,
): UpstreamCall {
  const ours: Readonly<Record<string, string>> = {
    'x-weir-request-id': exchange.id,
    'x-weir-attempt': String(attemptNumber),
  }
  const clientHeader = (name: string) => ours[name] ?? exchange.headers.one(name)
  const envelope = provider.envelopes?.[dialect.name]
  const endpoint = provider.endpoints[dialect.name] ?? '/'
  return {
    origin: provider.origin,
    provider: provider.name,
    network: provider.network,
    method: 'POST',
    path: (envelope ?? dialect.address)?.pathFor(endpoint, modelName, call.isStream, call.method) ?? endpoint,
    headers: typed(
      provider.headers(dialect.name, credential, clientHeader),
      contentType,
      dialect.readBytes !== undefined,
    ),
    body: envelope ? enclose(body, envelope, clientHeader) : body,
    mustConnectAnew,
  }
}

/** Whoever waits for the answer of a call. */
interface Waiting<Came> {
  readonly opened: Promise<Came>
  mask(secrets: readonly string[]): void
  abandon(): void
}

interface NotSent {
  readonly kind: 'failed'
  readonly failure: AttemptFailure
}

/** Providers say what all calls are, JSON, and what all answers are, JSON or events: not so where files go, or sound comes back. */
function typed(headers: readonly string[], contentType: string | undefined, takesBytes: boolean): readonly string[] {
  if (contentType === undefined && !takesBytes) return headers
  return headers.map((value, place) => {
    if (place % 2 === 0) return value
    switch (headers[place - 1]) {
      case 'content-type':
        return contentType ?? value
      case 'accept':
        return takesBytes ? '*/*' : value
      default:
        return value
    }
  })
}

/**
 * What proves that the call is ours, where that is signed or fetched. A deadline that passes meanwhile ends the attempt as it
 * ends any other.
 * @returns what the attempt has come to, where the call may not leave. Then nothing of it has.
 */
export async function authorized<Came extends { readonly kind: string }>(
  call: UpstreamCall,
  provider: Pick<Provider, 'authorize'>,
  credential: Credential,
  answer: Waiting<Came>,
  { clock, upstream, onNoCredential }: Pick<Parts, 'clock' | 'upstream' | 'onNoCredential'>,
): Promise<UpstreamCall | Came | NotSent> {
  try {
    const means = { clock, upstream, onNoCredential }
    const came = await Promise.race([provider.authorize?.({ ...call, credential }, means), answer.opened])
    if (came === undefined || 'kind' in came) return came ?? call
    answer.mask(came.secrets)
    return { ...call, headers: [...call.headers, ...came.headers] }
  } catch (thrown) {
    answer.abandon()
    const problem = asGatewayError(thrown)
    const isOurs = problem.kind !== 'upstream_credential'
    return { kind: 'failed', failure: { class: 'not-sent', problem, httpStatus: undefined, isOurs } }
  }
}
