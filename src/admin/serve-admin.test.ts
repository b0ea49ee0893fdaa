import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAdminHouse, type AdminHouse } from '../../test/admin-house.ts'
import { turnedClock } from '../../test/turned-clock.ts'
import { serveAdmin } from './serve-admin.ts'

let house: AdminHouse
beforeAll(async () => {
  house = await openAdminHouse()
})
afterAll(() => house.close())

/** Sends bytes as they are and answers with all that comes back. */
function exchange(origin: string, bytes: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => socket.write(bytes))
  let told = ''
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => (told += text))
  socket.on('close', () => resolve(told))
  socket.on('error', reject)
  return promise
}

describe('serveAdmin', () => {
  it('serves the app over a socket, bodies included, and leaves the global Request and Response alone', async () => {
    const before = [globalThis.Request, globalThis.Response]
    const listener = await serveAdmin(house.app, { host: '127.0.0.1', port: 0 })
    expect([globalThis.Request, globalThis.Response]).toEqual(before)
    const headers = { authorization: `Bearer ${house.adminKey}`, 'content-type': 'application/json' }
    const made = await fetch(`${listener.origin}/api/organisations`, {
      method: 'POST',
      headers,
      body: '{"name":"served"}',
    })
    expect(made.status).toBe(201)
    expect(
      await fetch(`${listener.origin}/api/config/reload`, { method: 'POST', headers }).then(({ status }) => status),
    ).toBe(200)
    const { authorization } = headers
    const bare = await fetch(`${listener.origin}/api/config/reload`, { method: 'POST', headers: { authorization } })
    expect(bare.status).toBe(200)
    const tooLarge = await fetch(`${listener.origin}/api/organisations`, {
      method: 'POST',
      headers,
      body: 'x'.repeat(2 * 1024 * 1024),
    })
    expect(tooLarge.status).toBe(413)
    expect((await fetch(`${listener.origin}/api/keys`)).status).toBe(401)
    await listener.close()
  })

  it('N1: refuses what is no clean HTTP, and two Authorization headers', async () => {
    const listener = await serveAdmin(house.app, { host: '127.0.0.1', port: 0 })
    const close = 'connection: close\r\n\r\n'
    const key = `authorization: Bearer ${house.adminKey}\r\n`
    const statusOf = async (bytes: string) => /^HTTP\/1\.1 (\d+)/.exec(await exchange(listener.origin, bytes))?.[1]
    expect(await statusOf(`GET /api/keys HTTP/1.1\r\nhost: x\r\n${key}${close}`)).toBe('200')
    expect(await statusOf(`GET /api/keys HTTP/1.1\r\n${key}${close}`)).toBe('400')
    expect(await statusOf(`GET /api/keys HTTP/1.1\r\nhost: x\r\nauthorization: Bearer a\r\n${key}${close}`)).toBe('401')
    expect(
      await statusOf(
        `POST /api/keys HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n${close}`,
      ),
    ).toBe('400')
    expect(await statusOf(`GET /healthz HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n${close}`)).toBe('431')
    await listener.close()
  })

  it('tells a port that is taken', async () => {
    const listener = await serveAdmin(house.app, { host: '127.0.0.1', port: 0 })
    const port = Number(new URL(listener.origin).port)
    await expect(serveAdmin(house.app, { host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await listener.close()
  })

  it('closing waits for what runs, and cuts it when the time is up', async () => {
    const clock = turnedClock()
    const entered = Promise.withResolvers<void>()
    const stuck = {
      fetch: () => {
        entered.resolve()
        return new Promise<Response>(() => undefined)
      },
    }
    const listener = await serveAdmin(stuck, { host: '127.0.0.1', port: 0, clock })
    const running = fetch(listener.origin).then(
      () => 'answered',
      () => 'cut',
    )
    await entered.promise
    const closed = listener.close()
    clock.turn(2_000)
    await closed
    expect(await running).toBe('cut')
    expect(clock.pendingTimers).toBe(0)
  })
})
