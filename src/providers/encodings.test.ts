import type net from 'node:net'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../canonical/clock.ts'
import { openListener, openRawUpstream } from './laws/raw-upstream.ts'
import { openUpstream } from './upstream.ts'

const zeros = Buffer.alloc(64 * 1024 * 1024)
/** 64 MiB in 64 KiB, and the same again and again: no end of it. */
const gzipBomb = gzipSync(zeros)
/** One block that repeats one byte (RFC 8878, 3.1.1.2.2: RLE). */
const zstdBomb = zstdCompressSync(zeros)

describe('N2: an answer that is encoded, though none was asked for', () => {
  it.each([
    ['a gzip bomb', ['content-encoding: gzip'], gzipBomb],
    ['a zstd bomb of repeated bytes', ['content-encoding: zstd'], zstdBomb],
    ['a thousand encodings in one line', [`content-encoding: ${Array(1_000).fill('gzip').join(', ')}`], gzipBomb],
    ['a thousand encodings in lines of their own', Array<string>(1_000).fill('content-encoding: br'), gzipBomb],
    ['one encoding behind a harmless one', ['content-encoding: identity', 'content-encoding: gzip'], gzipBomb],
    ['one in capitals', ['Content-Encoding: GZIP'], gzipBomb],
    ['one that nobody knows', ['content-encoding: x-canary'], gzipBomb],
  ])('%s is refused at its head: nothing of the body is read, and the connection ends', async (_, headers, body) => {
    const closed = Promise.withResolvers<number>()
    await using raw = await openRawUpstream({
      onCall: (socket) => pourWithoutEnd(socket, headers, body, closed.resolve),
    })
    const upstream = openUpstream({ clock: systemClock })
    const listener = openListener()
    const before = process.memoryUsage().external
    upstream.send(
      {
        provider: 'p',
        origin: raw.origin,
        network: { connectTimeoutMs: 3_000, maxConnections: 1 },
        method: 'POST',
        path: '/',
        headers: [],
        body: Buffer.from('{}'),
        mustConnectAnew: false,
      },
      listener,
    )
    expect(await listener.over).toMatchObject({ kind: 'upstream_invalid' })
    expect(listener.heard).toEqual(['failure'])
    // What the far side could write is what the kernel's buffers hold, and of it nothing was kept.
    expect(await closed.promise).toBeLessThan(64 * 1024 * 1024)
    expect(process.memoryUsage().external - before).toBeLessThan(32 * 1024 * 1024)
    await upstream.close()
  })
})

function pourWithoutEnd(
  socket: net.Socket,
  headers: readonly string[],
  body: Buffer,
  onClosed: (writtenBytes: number) => void,
): void {
  socket.on('close', () => onClosed(socket.bytesWritten))
  socket.write(`${['HTTP/1.1 200 OK', 'content-type: application/json', ...headers].join('\r\n')}\r\n\r\n`)
  const pour = (): void => {
    while (socket.writable && socket.write(body));
    if (socket.writable) socket.once('drain', pour)
  }
  pour()
}
