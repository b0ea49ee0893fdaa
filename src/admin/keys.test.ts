import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAdminHouse, type AdminHouse } from '../../test/admin-house.ts'
import { parseKey } from '../canonical/key-form.ts'

const dayMs = 86_400_000
let house: AdminHouse
beforeAll(async () => {
  house = await openAdminHouse()
})
afterAll(() => house.close())

const create = async (more: Record<string, unknown> = {}) =>
  (await house.call('POST', '/api/keys', { name: 'ci', organisation: 'fixed', team: 'core', ...more })).body
const list = async (query: string) => (await house.call('GET', `/api/keys?limit=1000&${query}`)).body.items
const inDays = (days: number) => new Date(house.clock.nowMs() + days * dayMs).toISOString()
const lastAudit = async () => {
  const { body } = await house.call('GET', '/api/audit?limit=1000')
  return body.items.at(-1)
}

describe('creating a key', () => {
  it('answers the key once; the list never has it', async () => {
    const made = await create({ project: 'site', models: ['smart'] })
    expect(parseKey(made.key)).toEqual({ id: made.id })
    expect(made).toMatchObject({ last4: made.key.slice(-4), status: 'active', managedBy: 'api', models: ['smart'] })
    const listed = await house.call('GET', '/api/keys?limit=1000')
    expect(listed.body.items).toContainEqual({ ...made, key: undefined })
    expect(listed.text).not.toContain(made.key)
  })

  it('the data listener knows it when the answer is there', async () => {
    const { key, id } = await create()
    expect(house.identity().keyByHash(house.hashOf(key))?.entry.id).toBe(id)
  })

  it('writes the audit entry, without the key or its hash', async () => {
    const { key, id } = await create({ models: ['smart'] })
    const entry = await lastAudit()
    expect(entry).toMatchObject({ actor: 'admin', action: 'key.create', target: `key ${id}` })
    expect(entry.detail).toMatchObject({ organisation: 'fixed', team: 'core', models: ['smart'] })
    expect(JSON.stringify(entry)).not.toContain(key)
    expect(JSON.stringify(entry)).not.toContain(house.hashOf(key))
  })

  it('ends after 90 days unless something else is said', async () => {
    expect((await create()).expiresAt).toBe(inDays(90))
    expect((await create({ expiresInDays: 7 })).expiresAt).toBe(inDays(7))
    expect((await create({ expiresAt: '2027-01-01T00:00:00+02:00' })).expiresAt).toBe('2026-12-31T22:00:00.000Z')
    expect((await create({ expiresAt: null })).expiresAt).toBeNull()
  })

  it.each([
    ['a moment that is past', { expiresAt: '2020-01-01T00:00:00Z' }, /past/],
    ['two expiries', { expiresAt: null, expiresInDays: 3 }, /not both/],
    ['an expiry of zero days', { expiresInDays: 0 }, /expiresInDays/],
    ['an unknown key', { teem: 'core' }, /^teem: unknown key; did you mean "team"\?$/],
    ['a hash of one’s own (A4)', { hash: 'ab'.repeat(32) }, /^hash: unknown key; known here: name, organisation/],
    ['a project without its team', { team: undefined, project: 'site' }, /team/],
    ['a team that does not exist', { team: 'nowhere' }, /no team fixed\/nowhere/],
    ['a project that does not exist', { project: 'nowhere' }, /no project fixed\/core\/nowhere/],
    ['a name with a slash', { name: 'a/b' }, /names are/],
    ['a pattern with two stars', { models: ['a*b*'] }, /one \*/],
    [
      'a limit for a model that there is not',
      { limits: { few: { requests: 1, per: 'minute', models: ['smrt'] } } },
      /^limits\.few\.models\[0\]: "smrt" meets no entry of `models`; did you mean "smart"\?$/,
    ],
    ['a model with a line break', { models: ['a\nb'] }, /control/],
    ['a secret reference (A3), which is no name', { name: 'env:OPENAI_API_KEY' }, /names are/],
  ])('refuses %s', async (_, more, told) => {
    const answer = await house.call('POST', '/api/keys', { name: 'ci', organisation: 'fixed', team: 'core', ...more })
    expect(answer.status).toBe(400)
    expect(answer.body.error).toEqual({ code: 'invalid_request', message: expect.stringMatching(told) })
  })
})

describe('revoking a key', () => {
  it('A8: when it answers, the data listener has seen it', async () => {
    const { id, key } = await create()
    const answer = await house.call('POST', `/api/keys/${id}/revoke`)
    expect(answer.body).toMatchObject({ id, status: 'revoked', revokedAt: inDays(0) })
    expect(house.identity().keyByHash(house.hashOf(key))?.entry.revokedAtMs).toBe(house.clock.nowMs())
    expect(await lastAudit()).toMatchObject({ action: 'key.revoke', target: `key ${id}` })
  })

  it('changes nothing the second time', async () => {
    const { id } = await create()
    const first = await house.call('POST', `/api/keys/${id}/revoke`, {})
    const before = await lastAudit()
    house.clock.turn(5_000)
    const second = await house.call('POST', `/api/keys/${id}/revoke`, {})
    expect(second.status).toBe(200)
    expect(second.body).toEqual(first.body)
    expect(await lastAudit()).toEqual(before)
  })

  it('refuses a key of the config file, one that is not there, and particulars it would ignore', async () => {
    const configured = encodeURIComponent('config/fixed/core/ci')
    expect((await house.call('POST', `/api/keys/${configured}/revoke`)).body.error).toEqual({
      code: 'conflict',
      message: expect.stringMatching(/config file/),
    })
    expect((await house.call('POST', '/api/keys/nothing/revoke')).status).toBe(404)
    const { id } = await create()
    expect((await house.call('POST', `/api/keys/${id}/revoke`, { at: 'tomorrow' })).status).toBe(400)
  })
})

describe('rotating a key', () => {
  it('makes a new key of the same owner; the old one works a day longer', async () => {
    const old = await create({ models: ['smart'], project: 'site' })
    const answer = await house.call('POST', `/api/keys/${old.id}/rotate`)
    expect(answer.status).toBe(201)
    const { replaces, key, ...made } = answer.body
    expect(replaces).toEqual({ id: old.id, expiresAt: inDays(1) })
    expect(made).toMatchObject({ name: 'ci', organisation: 'fixed', team: 'core', project: 'site', models: ['smart'] })
    expect(made.expiresAt).toBe(old.expiresAt)
    expect(made.id).not.toBe(old.id)
    expect(house.identity().keyByHash(house.hashOf(key))?.entry.id).toBe(made.id)
    expect(house.identity().keyByHash(house.hashOf(old.key))?.entry.expiresAtMs).toBe(house.clock.nowMs() + dayMs)
    expect(await lastAudit()).toMatchObject({ action: 'key.rotate', detail: { oldKey: old.id } })
  })

  it('never lets the old key live longer than it would have', async () => {
    const { id, expiresAt } = await create({ expiresInDays: 1 })
    const answer = await house.call('POST', `/api/keys/${id}/rotate`, { overlapSeconds: 10 * 86_400 })
    expect(answer.body.replaces.expiresAt).toBe(expiresAt)
  })

  it('ends the old key at once when asked to', async () => {
    const { id, key } = await create()
    await house.call('POST', `/api/keys/${id}/rotate`, { overlapSeconds: 0 })
    expect(house.identity().keyByHash(house.hashOf(key))?.entry.expiresAtMs).toBe(house.clock.nowMs())
    expect((await house.call('GET', '/api/keys?status=expired&limit=1000')).body.items).toContainEqual(
      expect.objectContaining({ id, status: 'expired' }),
    )
  })

  it('gives the new key the lifetime of the old one, or what is said', async () => {
    const short = await create({ expiresInDays: 7 })
    const lasting = await create({ expiresAt: null })
    house.clock.turn(dayMs)
    const rotate = async (id: string, body = {}) => (await house.call('POST', `/api/keys/${id}/rotate`, body)).body
    expect((await rotate(short.id)).expiresAt).toBe(inDays(7))
    expect((await rotate(lasting.id)).expiresAt).toBeNull()
    expect((await rotate(short.id, { expiresInDays: 3 })).expiresAt).toBe(inDays(3))
  })

  it('gives a key that is rotated again the lifetime it was made for, not what rotation left of it', async () => {
    const rotate = async (id: string, body = {}) => (await house.call('POST', `/api/keys/${id}/rotate`, body)).body
    const [short, lasting] = [await create({ expiresInDays: 7 }), await create({ expiresAt: null })]
    for (const { id } of [short, lasting]) await rotate(id, { overlapSeconds: 60 })
    house.clock.turn(30_000)
    const again = await rotate(short.id)
    expect(again.expiresAt).toBe(inDays(7))
    expect((await rotate(lasting.id)).expiresAt).toBeNull()
    house.clock.turn(dayMs)
    expect((await rotate(again.id)).expiresAt).toBe(inDays(7))
  })

  it('refuses a key that does not work, one of the config file, and more than 30 days', async () => {
    const { id } = await create()
    expect((await house.call('POST', `/api/keys/${id}/rotate`, { overlapSeconds: 30 * 86_400 + 1 })).status).toBe(400)
    await house.call('POST', `/api/keys/${id}/revoke`)
    expect((await house.call('POST', `/api/keys/${id}/rotate`)).body.error).toMatchObject({ code: 'conflict' })
    const configured = encodeURIComponent('config/fixed/core/ci')
    expect((await house.call('POST', `/api/keys/${configured}/rotate`)).status).toBe(409)
  })
})

describe('listing keys', () => {
  it('filters by owner, name and status, keys of the config file included', async () => {
    await create({ name: 'filtered', user: undefined })
    expect(await list('name=filtered')).toHaveLength(1)
    expect(await list('managedBy=config')).toEqual([
      expect.objectContaining({ id: 'config/fixed/core/ci', managedBy: 'config', createdAt: null, last4: null }),
    ])
    expect(await list('organisation=nobody')).toEqual([])
    expect((await list('status=revoked')).every((key: { status: string }) => key.status === 'revoked')).toBe(true)
  })

  it('pages without losing or repeating one', async () => {
    const all = (await house.call('GET', '/api/keys?limit=1000')).body.items.map(({ id }: { id: string }) => id)
    const seen: string[] = []
    let after = ''
    do {
      const { body } = await house.call('GET', `/api/keys?limit=3${after && `&after=${encodeURIComponent(after)}`}`)
      seen.push(...body.items.map(({ id }: { id: string }) => id))
      after = body.nextAfter ?? ''
    } while (after !== '')
    expect(seen).toEqual(all)
    expect(new Set(seen).size).toBe(all.length)
  })

  it.each(['limit=0', 'limit=1001', 'limit=x', 'limit=1&limit=2', 'teem=core', 'status=lost', 'name=a%2Fb'])(
    'refuses ?%s',
    async (query) => {
      expect((await house.call('GET', `/api/keys?${query}`)).status).toBe(400)
    },
  )
})
