import { connect, createServer, type AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { bindListeningSocket, type ListeningSocket } from './listening-socket.ts'

let listening: ListeningSocket | undefined
afterEach(() => listening?.close())

it('tells a port that it found, and hands out one socket several times', () => {
  listening = bindListeningSocket('127.0.0.1', 0, 3)
  expect(listening.port).toBeGreaterThan(0)
  expect(listening.descriptors.length).toBe(3)
  expect(new Set(listening.descriptors).size).toBe(1)
})

it('refuses a port at which somebody listens', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  expect(() => bindListeningSocket('127.0.0.1', port, 1)).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }))
  await new Promise((resolve) => void other.close(resolve))
  bindListeningSocket('127.0.0.1', port, 1).close()
})

it('lets nobody in before a worker listens', async () => {
  listening = bindListeningSocket('127.0.0.1', 0, 3)
  const socket = connect(listening.port, '127.0.0.1')
  const refused = await new Promise<NodeJS.ErrnoException>((resolve) => void socket.once('error', resolve))
  expect(refused.code).toBe('ECONNREFUSED')
})
