import { Duplex } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Client } from 'undici'
import { AnswerReader } from '../read-answer.ts'

/** What was understood of the bytes of an answer, after which the connection was ended in good order. */
export interface Heard {
  readonly ending: 'whole' | 'cut' | 'malformed'
  readonly status: number | undefined
  /** Of the headers that were asked for. */
  readonly headers: readonly (string | undefined)[]
  readonly body: string
}

export function heardByUs(parts: readonly Buffer[], names: readonly string[]): Heard {
  const reader = new AnswerReader()
  reader.begin()
  const body: Buffer[] = []
  for (const part of parts) reader.read(part, { head: () => undefined, body: (bytes) => void body.push(bytes) })
  return {
    ending: reader.isWholeAtEnd() ? 'whole' : reader.phase === 'malformed' ? 'malformed' : 'cut',
    status: reader.head?.status,
    headers: names.map((name) => reader.head?.header(name)),
    body: Buffer.concat(body).toString('latin1'),
  }
}

/** The same by undici and its llhttp, over a connection that is not one of the network. */
export async function heardByUndici(parts: readonly Buffer[], names: readonly string[]): Promise<Heard> {
  const connection = new Duplex({ read: () => undefined, write: (_bytes, _encoding, then) => then() })
  const client = new Client('http://127.0.0.1', {
    pipelining: 1,
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    // It asks for a socket, uses of it what every duplex stream has, and must not be answered at once.
    connect: (_target, then) => queueMicrotask(() => (then as (error: null, stream: Duplex) => void)(null, connection)),
  })
  const { promise: over, resolve } = Promise.withResolvers<Heard['ending']>()
  const body: Buffer[] = []
  let status: number | undefined
  let headers: Readonly<Record<string, string | string[] | undefined>> = {}
  client.dispatch(
    { method: 'POST', path: '/', body: '{}' },
    {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, code, told) => {
        if (code < 200) return
        status = code
        headers = told
      },
      onResponseData: (_controller, bytes) => void body.push(bytes),
      onResponseEnd: () => resolve('whole'),
      onResponseError: (_controller, error) => resolve(isCut(error) ? 'cut' : 'malformed'),
    },
  )
  await nextTurn()
  for (const part of parts) {
    if (connection.destroyed) break
    connection.push(part)
    // A tick, so that each part is read by itself.
    await Promise.resolve()
    await new Promise<void>((then) => process.nextTick(then))
  }
  if (!connection.destroyed) connection.push(null)
  const ending = await over
  await client.destroy()
  return {
    ending,
    status,
    headers: names.map((name) => {
      const told = Object.hasOwn(headers, name) ? headers[name] : undefined
      // It leaves blanks behind a value, which are no part of it (RFC 9110, 5.5).
      return told === undefined
        ? undefined
        : [told]
            .flat()
            .map((value) => value.replace(/[\t ]+$/, ''))
            .join(', ')
    }),
    body: Buffer.concat(body).toString('latin1'),
  }
}

function isCut(error: Error): boolean {
  return (
    error.message.includes('Invalid EOF state') ||
    error.message === 'other side closed' ||
    error.message === 'closed' ||
    error.message === 'Response body length does not match content-length header'
  )
}
