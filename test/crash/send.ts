import http from 'node:http'
import type { CallKind, ClientCall } from './calls.ts'

/** What a client saw of one exchange. */
export interface Seen {
  readonly kind: CallKind
  /** As the gateway told it; `undefined` when no head of an answer came. */
  readonly requestId: string | undefined
  /** 0: none came. */
  readonly status: number
  /** The code of the error that the gateway told instead of an answer. */
  readonly problemCode: string | undefined
  readonly configVersion: string | undefined
  /** As the head told it. */
  readonly attempts: number
  /** Status 200 and the whole answer: from then on the client counts on it. */
  readonly isFinished: boolean
  /** Pieces of content that came. Each holds one token. */
  readonly pieces: number
  readonly tellsUsage: boolean
  /** How the connection broke before the answer was whole, in the system's word such as `ECONNRESET`; `undefined`: it did not. */
  readonly broke: string | undefined
}

/**
 * Makes one call, and goes away early where the call says so. Resolves however it ends; never rejects.
 * @param onPiece told of each piece of content as it comes.
 */
export function sendCall(
  call: ClientCall,
  to: { readonly origin: string; readonly key: string; readonly agent: http.Agent },
  onPiece: () => void = () => {},
): Promise<Seen> {
  const { promise, resolve } = Promise.withResolvers<Seen>()
  let head: http.IncomingMessage | undefined
  let isFinished = false
  let problemText = ''
  let pieces = 0
  let unread = ''
  let broke: string | undefined
  const breakOff = (error: NodeJS.ErrnoException): void => {
    broke ??= error.code ?? error.message
    outgoing.destroy()
  }
  const outgoing = http.request(`${to.origin}${call.path}`, {
    method: 'POST',
    agent: to.agent,
    headers: { authorization: `Bearer ${to.key}`, 'content-type': 'application/json' },
  })
  const timer =
    call.leaves && 'afterMs' in call.leaves ? setTimeout(() => outgoing.destroy(), call.leaves.afterMs) : undefined
  outgoing.once('response', (incoming) => {
    head = incoming
    incoming.setEncoding('utf8')
    incoming.on('data', (text: string) => {
      if (incoming.statusCode !== 200) problemText += text
      if (call.ending === 'body') return
      const frames = (unread + text).split('\n\n')
      unread = frames.pop() ?? ''
      for (const frame of frames) {
        if (pieceOf.test(frame)) {
          pieces += 1
          onPiece()
        }
        if (frame.startsWith(call.ending) && incoming.statusCode === 200) isFinished = true
      }
      if (call.leaves && 'afterPieces' in call.leaves && pieces >= call.leaves.afterPieces) outgoing.destroy()
    })
    incoming.once('end', () => {
      if (call.ending === 'body' && incoming.statusCode === 200 && incoming.complete) isFinished = true
    })
    // What breaks the connection is told by `close`.
    incoming.once('error', breakOff)
  })
  outgoing.once('error', breakOff)
  outgoing.once('close', () => {
    clearTimeout(timer)
    resolve({
      kind: call.kind,
      requestId: textOf(head?.headers['x-weir-request-id']),
      status: head?.statusCode ?? 0,
      problemCode: /"code":"(\w+)"/.exec(problemText)?.[1],
      configVersion: textOf(head?.headers['x-weir-config']),
      attempts: Number(textOf(head?.headers['x-weir-attempts']) ?? 0),
      isFinished,
      pieces,
      tellsUsage: call.tellsUsage,
      // Node tells it of an answer that is under way only after this event.
      broke: broke ?? (head !== undefined && !head.complete ? 'ECONNRESET' : undefined),
    })
  })
  outgoing.end(JSON.stringify(call.body))
  return promise
}

/** A frame with text of the answer, as the simulated provider writes it in either dialect. */
const pieceOf = /^event: content_block_delta|"delta":\{"content":"[^"]/

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
