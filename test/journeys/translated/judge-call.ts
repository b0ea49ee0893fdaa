import { isDeepStrictEqual } from 'node:util'
import { isRecord } from '../sdk/told.ts'
import type { Answered, Reading } from './reading.ts'
import type { RichCall } from './rich-call.ts'

/** What the provider was sent. */
export interface Sent {
  readonly api: 'messages' | 'chat'
  readonly modelName: string
  readonly isStream: boolean
  readonly body: Buffer | undefined
}

/**
 * How what the provider heard, what was named as lost, and what the SDK read differ from what they should be. Empty when
 * they do not.
 * @param found a text: why the SDK read nothing.
 */
export function callDifferences<Question>(
  { heard, losses }: RichCall<Question>,
  { api, modelName, isStream, body }: Sent,
  expected: Reading,
  found: Answered | string | undefined,
): readonly string[] {
  if (found === undefined || typeof found === 'string') return [`${JSON.stringify(expected)} became ${found}`]
  const flow = isStream ? { stream: true, ...(api === 'chat' && { stream_options: { include_usage: true } }) } : {}
  return [
    ...differently('heard', { model: modelName, ...heard, ...flow }, JSON.parse(body?.toString() ?? 'null')),
    ...differently('read', expected, found.reading),
    ...lossDifferences(losses, found.headers.get('x-weir-losses') ?? '', isStream),
  ]
}

/** Before a stream only what the call lost is known; with a whole answer comes what that one lost, after the call's. */
function lossDifferences(expected: readonly string[], header: string, isStream: boolean): readonly string[] {
  const named = header.split(', ').filter((path) => path !== '')
  const ofCall = isStream ? named : named.slice(0, expected.length)
  return isDeepStrictEqual(ofCall.toSorted(), expected.toSorted())
    ? []
    : [`losses: ${header}, not ${expected.join(', ')}`]
}

/** Member by member, so that one is shown that differs and not all. */
function differently(what: string, expected: object, found: unknown): readonly string[] {
  const pairs = isRecord(found) ? { ...found } : {}
  const members = new Map(Object.entries(expected))
  return [...new Set([...members.keys(), ...Object.keys(pairs)])].flatMap((key) =>
    isDeepStrictEqual(members.get(key), pairs[key])
      ? []
      : [`${what} ${key}: ${excerpt(members.get(key))} became ${excerpt(pairs[key])}`],
  )
}

function excerpt(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 300) ?? 'nothing'
}
