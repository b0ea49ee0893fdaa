import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { systemClock } from '../canonical/clock.ts'
import { HttpClient } from './http-client.ts'
import { chunkOf, lastChunkOf } from './chunk-framing.ts'

const patience = { clock: systemClock, bodyMs: 30_000, minBodyBytesPerSecond: 0, clientIdleMs: 60_000 }

it('a chunk is its size in hex, the bytes and a line end; no bytes are no chunk, which would end the body', () => {
  expect(chunkOf(Buffer.from('abc')).toString()).toBe('3\r\nabc\r\n')
  expect(chunkOf(Buffer.alloc(4096, 'x')).subarray(0, 6).toString()).toBe('1000\r\n')
  expect(chunkOf(Buffer.alloc(0)).toString()).toBe('')
  expect(lastChunkOf(Buffer.from('abc')).toString()).toBe('3\r\nabc\r\n0\r\n\r\n')
  expect(lastChunkOf(undefined).toString()).toBe('0\r\n\r\n')
})

it('what is written in pieces arrives whole, answer after answer on one connection, with and without a length', async () => {
  let pieces: readonly Buffer[] = []
  let last: Buffer | undefined
  let hasLength = false
  const server = createServer(async (incoming, outgoing) => {
    // As the listener does: then the request is known to be complete.
    await undefined
    const client = new HttpClient(incoming, outgoing, patience, { hold: () => undefined, expect: () => undefined })
    const sizeBytes = [...pieces, ...(last ? [last] : [])].reduce((sum, piece) => sum + piece.length, 0)
    client.head(200, hasLength ? ['content-length', String(sizeBytes)] : ['content-type', 'text/event-stream'])
    for (const piece of pieces) client.write(piece)
    client.end(last)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const ports = new Set<number | undefined>()
  const bytes = fc.uint8Array({ maxLength: 40_000 }).map((array) => Buffer.from(array))
  const cases = fc.record({
    pieces: fc.array(bytes, { maxLength: 5 }),
    last: fc.option(bytes, { nil: undefined }),
    hasLength: fc.boolean(),
  })
  const connections = new Agent({ keepAlive: true, maxSockets: 1 })
  await fc.assert(
    fc.asyncProperty(cases, async (one) => {
      ;({ pieces, last, hasLength } = one)
      const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
      request({ port, host: '127.0.0.1', agent: connections }, (answer) => {
        ports.add(answer.socket.localPort)
        const got: Buffer[] = []
        answer
          .on('data', (chunk: Buffer) => got.push(chunk))
          .on('end', () => resolve(Buffer.concat(got)))
          .on('error', reject)
      })
        .on('error', reject)
        .end()
      expect(Buffer.compare(await promise, Buffer.concat([...pieces, ...(last ? [last] : [])]))).toBe(0)
    }),
    { numRuns: 60 },
  )
  expect(ports.size).toBe(1)
  connections.destroy()
  server.close()
})
