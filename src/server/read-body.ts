import type { IncomingMessage } from 'node:http'
import type { Clock } from '../canonical/clock.ts'
import { GatewayError } from '../canonical/error.ts'

export interface BodyLimits {
  readonly clock: Clock
  readonly maxBytes: number
  /** How long the whole body may take. */
  readonly bodyMs: number
  readonly minBytesPerSecond: number
  /** Counts bytes that are kept. @throws GatewayError `overloaded`. */
  hold(sizeBytes: number): void
}

/** The rate is judged over this long, and twice running: one late moment, ours or the network's, ends nothing. */
export const rateWindowMs = 5_000

/** A chunk that is kept costs hundreds of bytes, be it of one byte: of so many small ones one is made. */
const mostLooseChunks = 256
const smallChunkBytes = 1_024

/**
 * Reads a whole request body.
 * @throws GatewayError `request_too_large`, `request_timeout`, `overloaded`, `invalid_request` when it breaks off. Then the
 * rest has not been read.
 */
export function readBody(incoming: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  let sizeBytes = 0
  /** The last chunks, as they came. */
  let looseChunks = 0
  let looseBytes = 0
  let windowBytes = 0
  let slowWindows = 0
  let leftMs = limits.bodyMs
  let windowMs = 0
  const nextWindow = () => {
    windowMs = Math.min(rateWindowMs, leftMs)
    return limits.clock.after(windowMs, judge)
  }
  const judge = () => {
    leftMs -= windowMs
    const isSlow = windowBytes < (limits.minBytesPerSecond * windowMs) / 1000
    slowWindows = isSlow ? slowWindows + 1 : 0
    windowBytes = 0
    if (leftMs <= 0) fail(timedOut(`the body did not come within ${limits.bodyMs} ms`))
    else if (slowWindows >= 2)
      fail(timedOut(`the body came more slowly than ${limits.minBytesPerSecond} bytes a second`))
    else watch = nextWindow()
  }
  let watch = nextWindow()

  const take = (chunk: Buffer) => {
    sizeBytes += chunk.length
    windowBytes += chunk.length
    try {
      if (sizeBytes > limits.maxBytes) throw bodyTooLarge(limits.maxBytes)
      limits.hold(chunk.length)
      chunks.push(chunk)
      looseBytes += chunk.length
      looseChunks += 1
      if (looseChunks < mostLooseChunks) return
      if (looseBytes < mostLooseChunks * smallChunkBytes) gather(chunks)
      looseChunks = 0
      looseBytes = 0
    } catch (thrown) {
      fail(thrown)
    }
  }
  const whole = () => {
    watch.cancel()
    resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
  }
  const brokeOff = (cause?: unknown) => fail(new GatewayError('invalid_request', 'the body broke off', { cause }))
  const closed = () => {
    if (!incoming.complete) brokeOff()
  }
  const fail = (problem: unknown) => {
    watch.cancel()
    incoming.off('data', take)
    incoming.pause()
    reject(problem)
  }
  incoming.on('data', take)
  incoming.on('end', whole)
  incoming.on('error', brokeOff)
  incoming.on('close', closed)
  return promise
}

function gather(chunks: Buffer[]): void {
  chunks.push(Buffer.concat(chunks.splice(-mostLooseChunks)))
}

export function bodyTooLarge(maxBytes: number): GatewayError {
  return new GatewayError('request_too_large', `the body is larger than ${maxBytes} bytes`)
}

function timedOut(sentence: string): GatewayError {
  return new GatewayError('request_timeout', sentence)
}
