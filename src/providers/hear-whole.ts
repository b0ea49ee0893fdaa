import type { Upstream, UpstreamCall, UpstreamFailure } from './provider.ts'
import { whenAborted } from './when-aborted.ts'

/** An answer with its whole body, whatever its status. */
export interface Told {
  readonly status: number
  /** By the lower-case name. */
  readonly header: (name: string) => string | undefined
  readonly body: Buffer
}

/** What became of a small call. */
export type Heard =
  | ({ readonly kind: 'told' } & Told)
  | { readonly kind: 'too-large' }
  | { readonly kind: 'failed'; readonly failure: UpstreamFailure }
  /** From outside. */
  | { readonly kind: 'ended' }

/**
 * Sends a call whose answer is small, and hears all of it. Redirects are answers like any other.
 * @param ending ends it from outside: times are kept by whoever asks.
 */
export function hearWhole(
  call: UpstreamCall,
  upstream: Upstream,
  sizeLimitBytes: number,
  ending: AbortSignal,
): Promise<Heard> {
  const { promise, resolve } = Promise.withResolvers<Heard>()
  const chunks: Buffer[] = []
  let sizeBytes = 0
  let status = 0
  let header: Told['header'] = () => undefined
  const exchange = upstream.send(call, {
    head: (code, read) => {
      status = code
      header = read
    },
    chunk: (bytes) => {
      sizeBytes += bytes.length
      if (sizeBytes > sizeLimitBytes) {
        exchange.abort()
        resolve({ kind: 'too-large' })
      } else chunks.push(bytes)
    },
    end: () => resolve({ kind: 'told', status, header, body: Buffer.concat(chunks) }),
    failure: (failure) => resolve({ kind: 'failed', failure }),
  })
  whenAborted(ending, () => {
    exchange.abort()
    resolve({ kind: 'ended' })
  })
  return promise
}
