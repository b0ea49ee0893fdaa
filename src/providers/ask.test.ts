import { describe, expect, it } from 'vitest'
import { systemClock } from '../canonical/clock.ts'
import { ask, networkOfTokens, readTold, toldSizeLimitBytes } from './ask.ts'
import { openRawUpstream, wholeAnswer } from './laws/raw-upstream.ts'
import { openUpstream } from './upstream.ts'

const network = { connectTimeoutMs: 3_000, maxConnections: 2 }
const unending = new AbortController().signal

describe('asking for a token', () => {
  it('hears the whole answer, whatever its status', async () => {
    await using raw = await openRawUpstream({
      onCall: (socket) => void socket.write(wholeAnswer('{"a":1}').replace('200 OK', '418 X')),
    })
    const upstream = openUpstream({ clock: systemClock })
    const told = await ask(
      { url: `${raw.origin}/token?a=b`, method: 'POST', headers: ['x-a', 'b'], body: 'c=d' },
      upstream,
      { name: 'it', network },
      unending,
    )
    expect([told.status, readTold(told.body), told.header('content-length')]).toEqual([418, { a: 1 }, '7'])
    expect(raw.calls[0]).toMatch(/^POST \/token\?a=b HTTP\/1\.1\r\n[\s\S]*\r\nx-a: b\r\n[\s\S]*\r\n\r\nc=d$/)
    await upstream.close()
  })

  it('N6: hears no more than a token can have', async () => {
    await using raw = await openRawUpstream({
      onCall: (socket) => void socket.write(wholeAnswer('x'.repeat(toldSizeLimitBytes + 1))),
    })
    await expect(askAt(raw.origin, unending)).rejects.toMatchObject({
      kind: 'upstream_credential',
      message: expect.stringContaining('more than'),
    })
  })

  it('ends when it is ended, and leaves no connection', async () => {
    const ending = new AbortController()
    await using raw = await openRawUpstream({ onCall: () => ending.abort() })
    await expect(askAt(raw.origin, ending.signal)).rejects.toMatchObject({ kind: 'upstream_credential' })
  })

  it('shows our certificate to nobody but the provider, and goes the same way', () => {
    const proxy = { hostname: 'p', port: 1, authorization: undefined, except: [] }
    const tls = {
      authorities: ['pem'],
      identity: { certificate: 'c', key: 'k' },
      servername: 'x',
      minVersion: 'TLSv1.3',
    } as const
    expect(networkOfTokens({ ...network, isPrivate: true, proxy, tls }, false)).toEqual({
      connectTimeoutMs: 3_000,
      maxConnections: 2,
      proxy,
      tls: { authorities: ['pem'], identity: undefined, servername: undefined, minVersion: 'TLSv1.3' },
    })
  })

  it('L4: may lead to a private address only where the config names it, and says so', () => {
    expect(networkOfTokens({ ...network, isPrivate: true }, true).isPrivate).toBe(true)
    // A token may come from this machine all the same: such an address says so itself.
    expect(networkOfTokens({ ...network, isPrivate: false }, true).isPrivate).toBeUndefined()
  })

  it('takes no JSON for none', () => {
    expect(readTold(Buffer.from('<html>'))).toBeUndefined()
  })
})

async function askAt(origin: string, ending: AbortSignal): Promise<unknown> {
  const upstream = openUpstream({ clock: systemClock })
  try {
    return await ask({ url: origin, method: 'GET', headers: [] }, upstream, { name: 'it', network }, ending)
  } finally {
    await upstream.close()
  }
}
