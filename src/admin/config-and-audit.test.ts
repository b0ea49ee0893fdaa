import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAdminHouse, type AdminHouse } from '../../test/admin-house.ts'
import { GatewayError } from '../canonical/error.ts'

let house: AdminHouse
beforeAll(async () => {
  house = await openAdminHouse()
})
afterAll(() => house.close())

const audit = async (query = 'limit=1000') => (await house.call('GET', `/api/audit?${query}`)).body

describe('the config', () => {
  it('tells its version, not its text', async () => {
    expect((await house.call('GET', '/api/config')).body).toEqual({
      version: 'a1b2c3d4e5f6',
      file: '/etc/weir/weir.yaml',
      loadedAt: '2026-11-23T12:00:00.000Z',
      warnings: ['model "local" has no price'],
      lastReloadProblem: null,
    })
  })

  it('is read anew on request, which is audited', async () => {
    house.reloadOutcome = { isTaken: true, version: 'ffff00001111', warnings: ['w'] }
    expect((await house.call('POST', '/api/config/reload')).body).toEqual({ version: 'ffff00001111', warnings: ['w'] })
    expect((await audit()).items.at(-1)).toMatchObject({
      actor: 'admin',
      action: 'config.reload',
      detail: { isTaken: true, version: 'ffff00001111' },
    })
  })

  it('a broken file is a conflict that says where, and is audited too', async () => {
    house.reloadOutcome = { isTaken: false, problem: 'weir.yaml:3:5  providers.x  unknown key' }
    const answer = await house.call('POST', '/api/config/reload', {})
    expect(answer.status).toBe(409)
    expect(answer.body.error).toEqual({
      code: 'config_refused',
      message: expect.stringMatching(/stays in force[^]*:3:5/),
    })
    expect((await audit()).items.at(-1).detail).toMatchObject({ isTaken: false })
  })
})

describe('the audit log', () => {
  it('pages by sequence, from the first entry on', async () => {
    for (const name of ['a', 'b', 'c']) await house.call('POST', '/api/organisations', { name })
    const all = (await audit()).items
    expect(all.map(({ sequence }: { sequence: number }) => sequence)).toEqual(
      all.map((_: unknown, place: number) => place + 1),
    )
    const first = await audit('limit=2')
    expect(first).toMatchObject({ items: [{ sequence: 1 }, { sequence: 2 }], nextAfter: '2' })
    expect((await audit(`limit=1000&after=${first.nextAfter}`)).items).toEqual(all.slice(2))
    expect((await audit(`limit=1000&after=99999`)).items).toEqual([])
  })

  it('says that there is more also behind the largest page', async () => {
    const long = await openAdminHouse()
    const { stores, clock } = long
    for (let entry = 1; entry <= 1_001; entry += 1)
      await stores.audit.append({ atMs: clock.nowMs(), actor: 'admin', action: 'x', target: 'y', detail: '{}' })
    const { body: largest } = await long.call('GET', '/api/audit?limit=1000')
    expect([largest.items.length, largest.nextAfter]).toEqual([1_000, '1000'])
    const { body: last } = await long.call('GET', '/api/audit?limit=1000&after=1000')
    expect(last).toMatchObject({ items: [{ sequence: 1_001 }], nextAfter: null })
    await long.close()
  })

  it('verifies its own chain', async () => {
    const { length } = (await audit()).items
    const { body } = await house.call('GET', '/api/audit/verify')
    expect(body).toEqual({ isIntact: true, entries: length, lastChainHash: (await audit()).items.at(-1).chainHash })
  })

  it('says where it is broken, and shows an entry whose detail was made unreadable', async () => {
    const entry = {
      sequence: 1,
      atMs: 0,
      actor: 'admin',
      action: 'x',
      target: 'y',
      detail: '{broken',
      previousHash: '0',
      hash: '1',
    }
    const edited = await openAdminHouse((parts) => ({
      ...parts,
      stores: {
        ...parts.stores,
        audit: {
          ...parts.stores.audit,
          list: () => Promise.resolve([entry]),
          verify: () => Promise.resolve({ isIntact: false, brokenAtSequence: 1, reason: 'entry 1 was edited' }),
        },
      },
    }))
    expect((await edited.call('GET', '/api/audit/verify')).body).toEqual({
      isIntact: false,
      brokenAtSequence: 1,
      reason: 'entry 1 was edited',
    })
    expect((await edited.call('GET', '/api/audit')).body.items[0].detail).toEqual({ unreadable: '{broken' })
    await edited.close()
  })
})

const down = () => Promise.reject(new GatewayError('store_unavailable', 'the disk is full'))

describe('a store that cannot answer', () => {
  it('S9: is 503 and never 401, and changes nothing', async () => {
    const broken = await openAdminHouse((parts) => ({
      ...parts,
      stores: {
        ...parts.stores,
        directory: { ...parts.stores.directory, change: down },
        usage: { ...parts.stores.usage, query: down, ofRequest: down },
        audit: { append: down, list: down, verify: down },
      },
    }))
    for (const [method, path, body] of [
      ['POST', '/api/organisations', { name: 'x' }],
      ['POST', '/api/keys', { name: 'x', organisation: 'fixed' }],
      ['GET', '/api/usage', undefined],
      ['GET', '/api/exchanges/x', undefined],
      ['GET', '/api/audit', undefined],
      ['GET', '/api/audit/verify', undefined],
    ] as const) {
      const answer = await broken.call(method, path, body)
      expect([path, answer.status, answer.body.error]).toEqual([
        path,
        503,
        { code: 'store_unavailable', message: 'the disk is full' },
      ])
    }
    for (const [outcome, told] of [
      [{ isTaken: true, version: 'ffff00001111', warnings: [] }, 'Version ffff00001111 is in force'],
      [
        { isTaken: false, problem: '3:5  x' },
        'The config file was not taken, and version a1b2c3d4e5f6 stays in force:\n3:5  x',
      ],
    ] as const) {
      broken.reloadOutcome = outcome
      const { status, body } = await broken.call('POST', '/api/config/reload')
      const message = `${told}\nThe audit log has no entry of this: the disk is full`
      expect([status, body.error]).toEqual([503, { code: 'store_unavailable', message }])
    }
    expect(broken.bugs).toEqual([])
    expect(broken.identity().entities.map(({ entity }) => entity.name)).not.toContain('x')
    await broken.close()
  })
})

describe('views', () => {
  it('models tell what is unpriced, providers their health', async () => {
    expect((await house.call('GET', '/api/models')).body.items[0].targets[1]).toMatchObject({ priceVersion: null })
    expect((await house.call('GET', '/api/providers')).body.items[0]).toMatchObject({
      health: { lastSuccessAt: '2026-11-23T11:59:00.000Z', lastFailure: { kind: 'upstream_timeout' } },
      credentials: [{ id: 'openai/0', isResting: true }],
    })
  })

  it('metrics are text for Prometheus', async () => {
    const answer = await house.call('GET', '/metrics')
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(answer.text).toBe('weir_up 1\n')
  })
})
