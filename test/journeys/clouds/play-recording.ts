import { inputTokensOf, outputTokensOf } from '../../../src/canonical/usage.ts'
import { answerBytes, type Recording } from '../../corpus.ts'
import type { RunningGateway } from '../../gateway-fixture.ts'
import type { ReplayUpstream, Seen } from '../../replay-upstream.ts'

/** What became of one recorded exchange that was played through a gateway. */
export interface Played {
  readonly status: number
  readonly sent: Seen
  readonly answer: Buffer
  readonly recorded: Buffer
  readonly usageSource: string | undefined
  /** Tokens in and out, as they are in the books. */
  readonly tokens: readonly [input: number, output: number] | undefined
}

/**
 * Sends a recorded body in at a door, and answers it with what the provider answered.
 * @param body of the client.
 * @param answer what the provider sends, where it is not the recorded bytes themselves.
 */
export async function playRecording(
  weir: RunningGateway,
  upstream: ReplayUpstream,
  recording: Recording,
  door: string,
  body: unknown,
  answer: Buffer = answerBytes(recording),
): Promise<Played> {
  const { status, headers } = recording.response
  upstream.forget()
  const counts = Object.entries(headers).filter(([name]) => name.startsWith('x-amzn-bedrock-'))
  const contentType = headers['content-type'] ?? 'application/json'
  upstream.answer({ status, headers: { ...Object.fromEntries(counts), 'content-type': contentType }, body: answer })
  const before = upstream.seen.length
  const ended = weir.ended(weir.finished.length + 1)
  const answered = await fetch(`${weir.gateway.dataOrigin}${door}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const bytes = Buffer.from(await answered.arrayBuffer())
  await ended
  const sent = upstream.seen[before]
  if (!sent) throw new Error(`nothing was sent: ${answered.status} ${bytes}`)
  const record = weir.finished.at(-1)?.records.at(-1)
  return {
    status: answered.status,
    sent,
    answer: bytes,
    recorded: answerBytes(recording),
    usageSource: record?.usageSource,
    tokens: record && [inputTokensOf(record), outputTokensOf(record)],
  }
}

/** The recorded body of the client; without members where there is none. */
export function bodyOf({ request }: Recording): Readonly<Record<string, unknown>> {
  const body = request?.body
  return typeof body === 'object' && body !== null ? { ...body } : {}
}
