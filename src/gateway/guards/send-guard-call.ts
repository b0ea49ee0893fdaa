import { GatewayError } from '../../canonical/error.ts'
import { GuardFailure, type GuardAnswer, type GuardCall } from '../../policies/guardrails/external/external-guard.ts'
import { hearWhole, type Heard } from '../../providers/hear-whole.ts'
import type { UpstreamCall } from '../../providers/provider.ts'
import type { Parts } from '../parts.ts'
import type { GuardWay } from './guard-way.ts'

/** A text written anew may be as long as the text. What is larger is no answer. */
export const guardAnswerLimitBytes = 8 * 1024 * 1024

/**
 * Sends one question to a guard elsewhere, and nowhere else: redirects are not followed.
 * @param ending when its time is over, or nobody waits.
 * @throws GuardFailure `unreachable`; `nonsense` where the answer is beyond all bounds.
 */
export async function sendGuardCall(
  way: GuardWay,
  { url, headers, body }: GuardCall,
  parts: Pick<Parts, 'clock' | 'upstream' | 'onNoCredential'>,
  ending: AbortSignal,
): Promise<GuardAnswer> {
  const { pathname, search } = new URL(url)
  const unauthorized = {
    provider: way.name,
    origin: way.origin,
    network: way.network,
    method: 'POST' as const,
    path: `${pathname}${search}`,
    headers: ['accept-encoding', 'identity', ...Object.entries(headers).flat()],
    body: Buffer.from(body),
    mustConnectAnew: false,
  }
  const call: UpstreamCall = {
    ...unauthorized,
    headers: [...unauthorized.headers, ...(await proofFor(way, unauthorized, parts))],
  }
  let heard = await hearWhole(call, parts.upstream, guardAnswerLimitBytes, ending)
  // An idle connection had died: asking again costs the guard nothing that it has done.
  if (isStale(heard))
    heard = await hearWhole({ ...call, mustConnectAnew: true }, parts.upstream, guardAnswerLimitBytes, ending)
  switch (heard.kind) {
    case 'told':
      return { status: heard.status, body: heard.body.toString('utf8') }
    case 'too-large':
      throw new GuardFailure('nonsense', `the guard answered with more than ${guardAnswerLimitBytes} bytes`)
    case 'failed':
      throw new GuardFailure('unreachable', `the guard could not be asked: ${heard.failure.message}`)
    case 'ended':
      throw new GuardFailure('timeout', 'the guard did not answer in time')
  }
}

async function proofFor(
  way: GuardWay,
  call: Parameters<GuardWay['authorize']>[0],
  parts: Pick<Parts, 'clock' | 'upstream' | 'onNoCredential'>,
): Promise<readonly string[]> {
  try {
    return (await way.authorize(call, parts)).headers
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown
    throw new GuardFailure('unreachable', thrown.message)
  }
}

function isStale(heard: Heard): boolean {
  return heard.kind === 'failed' && heard.failure.class === 'stale'
}
