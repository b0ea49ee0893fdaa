import type net from 'node:net'
import { bytesOf } from './bytes-of.ts'
import type { Proxy } from './provider.ts'
import { whenAborted } from './when-aborted.ts'
import { connectProblem } from './connect-problem.ts'

/** What a proxy may say before its tunnel is open. */
const maxHeadBytes = 16 * 1024

export interface TunnelEnd {
  readonly hostname: string
  readonly port: number
}

/**
 * Asks a proxy for a tunnel to `end` (RFC 9110, 9.3.6). Afterwards the socket's bytes are those of the far end. The proxy is
 * told where to, who we are to it, and nothing else: what the provider is to know goes through the tunnel.
 * @throws Error with code `PROXY_REFUSED`, `PROXY_AUTHENTICATION`, `PROXY_CLOSED` or `PROXY_INVALID`.
 */
export function openTunnel(socket: net.Socket, end: TunnelEnd, proxy: Proxy, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let head = Buffer.alloc(0)

  const finish = (problem: unknown): void => {
    socket.off('readable', read).off('end', closed).off('close', closed).off('error', closed)
    if (problem === undefined) return resolve()
    socket.destroy()
    reject(problem)
  }
  const closed = (): void => finish(connectProblem('PROXY_CLOSED'))
  const read = (): void => {
    for (let part = bytesOf(socket); part; part = bytesOf(socket)) {
      head = Buffer.concat([head, part])
      const verdict = judgeHead(head)
      if (verdict !== 'incomplete')
        return finish(verdict === 'open' ? undefined : connectProblem(verdict.code, verdict.detail))
    }
  }

  socket.on('readable', read).on('end', closed).on('close', closed).on('error', closed)
  socket.write(wordConnect(end, proxy))
  whenAborted(signal, () => finish(signal.reason))
  return promise
}

function wordConnect({ hostname, port }: TunnelEnd, { authorization }: Proxy): string {
  const authority = `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`
  const lines = [`CONNECT ${authority} HTTP/1.1`, `host: ${authority}`]
  if (authorization !== undefined) lines.push(`proxy-authorization: ${authorization}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}

type Verdict =
  | 'incomplete'
  | 'open'
  | { readonly code: 'PROXY_REFUSED' | 'PROXY_AUTHENTICATION' | 'PROXY_INVALID'; readonly detail?: string }

function judgeHead(head: Buffer): Verdict {
  // What cannot become a status line any more is told at once, not at the deadline.
  if (!'HTTP/1.'.startsWith(head.toString('latin1', 0, 7))) return { code: 'PROXY_INVALID' }
  const end = head.indexOf('\r\n\r\n')
  if (end < 0) return head.length > maxHeadBytes ? { code: 'PROXY_INVALID' } : 'incomplete'
  const status = /^HTTP\/1\.[01] (\d{3})(?: |\r\n)/.exec(head.toString('latin1', 0, end + 2))?.[1]
  if (status === undefined) return { code: 'PROXY_INVALID' }
  if (status === '407') return { code: 'PROXY_AUTHENTICATION' }
  if (!status.startsWith('2')) return { code: 'PROXY_REFUSED', detail: status }
  // Nobody at the far end speaks first. Bytes behind the head are the proxy's, and would be taken for the provider's.
  return head.length === end + 4 ? 'open' : { code: 'PROXY_INVALID' }
}
