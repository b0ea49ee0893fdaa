import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { GatewayError } from '../canonical/error.ts'
import { bytesOf } from './bytes-of.ts'
import type { AnswerHead } from './http1/answer-head.ts'
import { AnswerReader } from './http1/read-answer.ts'
import { UnwordableCall, wordCall, writeCall, type WordedCall } from './http1/write-call.ts'
import type { SocketCall } from './provider.ts'
import { whenAborted } from './when-aborted.ts'

type Connect = (then: (problem: Error | null, socket?: Socket) => void) => void

/**
 * Asks for a WebSocket over a connection of its own, which leaves with the answer: it ends when whoever has it ends it.
 * @throws GatewayError as `UpstreamSockets.openSocket` says.
 */
export function openUpgrade(call: SocketCall, host: string, connect: Connect, cancelled: AbortSignal): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>()
  let socket: Socket | undefined
  let isOver = false
  const refuse = (problem: unknown): void => {
    if (isOver) return
    isOver = true
    socket?.destroy()
    reject(problem)
  }
  const accept = (opened: Socket): void => {
    isOver = true
    resolve(opened)
  }
  const worded = wordOrRefuse(call, host, refuse)
  if (!worded) return promise
  whenAborted(cancelled, () => refuse(cancelled.reason))
  connect((problem, opened) => {
    socket = opened
    if (isOver) return void opened?.destroy()
    if (!opened || opened.destroyed) return refuse(unreachable(problem))
    askForUpgrade(worded, call.accept, opened, { accept, refuse })
  })
  return promise
}

interface Ending {
  readonly accept: (socket: Socket) => void
  readonly refuse: (problem: unknown) => void
}

function wordOrRefuse(call: SocketCall, host: string, refuse: Ending['refuse']): WordedCall | undefined {
  try {
    return wordCall({ ...call, method: 'GET', body: Buffer.alloc(0) }, host, 'websocket')
  } catch (thrown) {
    refuse(thrown instanceof UnwordableCall ? unreachable(thrown) : thrown)
    return undefined
  }
}

function askForUpgrade(worded: WordedCall, accepted: string, socket: Socket, { accept, refuse }: Ending): void {
  const reader = new AnswerReader()
  reader.begin({ mayUpgrade: true })
  const lost = (error?: Error): void => refuse(unreachable(error))
  const read = (): void => {
    for (let part = bytesOf(socket); part; part = bytesOf(socket)) {
      const used = reader.read(part, { head: () => reader.stop(), body: () => undefined })
      const { head } = reader
      if (reader.phase === 'malformed') return refuse(wrongHandshake())
      if (!head) continue
      socket.off('readable', read).off('end', lost).off('error', lost).off('close', lost)
      if (head.status !== 101) return refuse(refusalOf(head.status))
      if (!isHandshake(head, accepted)) return refuse(wrongHandshake())
      if (used < part.length) socket.unshift(part.subarray(used))
      return accept(socket)
    }
  }
  socket.on('readable', read).on('end', lost).on('error', lost).on('close', lost)
  writeCall(socket, worded)
}

function isHandshake({ header }: AnswerHead, accept: string): boolean {
  return header('sec-websocket-accept') === accept && header('sec-websocket-extensions') === undefined
}

function wrongHandshake(): GatewayError {
  return new GatewayError('upstream_invalid', 'the provider answered the handshake of the session wrongly')
}

function unreachable(cause: unknown): GatewayError {
  return new GatewayError('upstream_unavailable', 'the provider could not be reached', { cause })
}

/** Its body may quote our key, and is not read. */
function refusalOf(status: number): GatewayError {
  const sentence = `the provider refused the session with status ${status}`
  if (status === 401 || status === 403) return new GatewayError('upstream_credential')
  if (status === 429) return new GatewayError('upstream_rate_limited')
  return status >= 500
    ? new GatewayError('upstream_overloaded', sentence)
    : new GatewayError('upstream_rejected', sentence)
}
