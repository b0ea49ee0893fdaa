import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAdminHouse, type AdminHouse } from '../../test/admin-house.ts'

let house: AdminHouse
beforeAll(async () => {
  house = await openAdminHouse()
  await house.call('POST', '/api/organisations', { name: 'acme' })
  await house.call('POST', '/api/teams', { name: 'search', organisation: 'acme' })
})
afterAll(() => house.close())

const ids = (answer: { body: { items: readonly { id: string }[] } }) => answer.body.items.map(({ id }) => id)

describe('entities', () => {
  it.each([
    ['organisations', { name: 'new' }, 'organisation new', '/new'],
    ['teams', { name: 'new', organisation: 'acme' }, 'team acme/new', '/acme/new'],
    ['projects', { name: 'new', organisation: 'acme', team: 'search' }, 'project acme/search/new', '/acme/search/new'],
    ['users', { name: 'new', organisation: 'acme' }, 'user acme/new', '/acme/new'],
    ['agents', { name: 'new', organisation: 'acme' }, 'agent acme/new', '/acme/new'],
  ])('%s can be created, listed, edited and removed, each with its audit entry', async (plural, body, id, path) => {
    const created = await house.call('POST', `/api/${plural}`, { ...body, models: ['smart'] })
    expect(created.status).toBe(201)
    expect(created.body).toMatchObject({ id, name: 'new', models: ['smart'], managedBy: 'api' })
    expect(ids(await house.call('GET', `/api/${plural}`))).toContain(id)
    expect(house.identity().entities.map(({ entity }) => entity.name)).toContain('new')

    const edited = await house.call('PATCH', `/api/${plural}${path}`, { models: null })
    expect(edited.body).toEqual({ ...created.body, models: null })
    const removed = await house.call('DELETE', `/api/${plural}${path}`)
    expect(removed.body).toEqual(edited.body)
    expect(ids(await house.call('GET', `/api/${plural}`))).not.toContain(id)
    expect((await house.call('DELETE', `/api/${plural}${path}`)).status).toBe(404)
    expect((await house.call('PATCH', `/api/${plural}${path}`, { models: null })).status).toBe(404)

    const audit = (await house.call('GET', '/api/audit?limit=1000')).body.items.slice(-3)
    const kind = id.split(' ')[0]
    expect(audit.map(({ action }: { action: string }) => action)).toEqual([
      `${kind}.create`,
      `${kind}.update`,
      `${kind}.remove`,
    ])
    expect(audit.every(({ target }: { target: string }) => target === id)).toBe(true)
    expect(audit[1].detail).toEqual({ before: ['smart'], after: null })
  })

  it('have limits, which change without touching the models, and models without touching the limits', async () => {
    const limits = { burst: { requests: 600, per: 'minute' }, parallel: { concurrent: 5 } }
    const created = await house.call('POST', '/api/teams', { name: 'limited', organisation: 'acme', limits })
    expect(created.body).toMatchObject({ id: 'team acme/limited', models: null, limits })
    const change = (body: unknown) => house.call('PATCH', '/api/teams/acme/limited', body)
    expect((await change({ models: ['smart'] })).body).toMatchObject({ models: ['smart'], limits })
    const lower = { burst: { requests: 6, per: 'minute' } }
    expect((await change({ limits: lower })).body).toMatchObject({ models: ['smart'], limits: lower })
    const known = house.identity().entities.find(({ entity }) => entity.name === 'limited')
    expect(known?.entity.limits).toEqual(lower)
    expect((await change({ limits: null })).body).toMatchObject({ models: ['smart'], limits: null })
    const [made, , lowered] = (await house.call('GET', '/api/audit?limit=1000')).body.items.slice(-4)
    expect(made.detail).toEqual({ models: null, limits })
    expect(lowered.detail).toEqual({ limitsBefore: limits, limitsAfter: lower })
    expect((await change({})).body.error.message).toMatch(/give models, require, limits or budgets/)
    const wrong = await change({ limits: { burst: { requests: 5 } } })
    expect(wrong.body.error.message).toMatch(/limits\.burst\.per.*requests need a window/)
  })

  it('have budgets, and organisations a time zone, told to the audit log before and after', async () => {
    const budgets = { monthly: { usd: '500', per: 'month', alertsAt: [80] } }
    const zoned = { name: 'zoned', timezone: 'Europe/Berlin', budgets }
    expect((await house.call('POST', '/api/organisations', zoned)).body).toMatchObject(zoned)
    const change = (body: unknown) => house.call('PATCH', '/api/organisations/zoned', body)
    expect((await change({ models: ['smart'] })).body).toMatchObject({ models: ['smart'], ...zoned })
    const lower = { monthly: { usd: '50', per: 'month' } }
    expect((await change({ budgets: lower })).body).toMatchObject({ budgets: lower, timezone: 'Europe/Berlin' })
    expect((await house.call('GET', '/api/budgets?organisation=zoned')).body.items).toMatchObject([
      { id: 'organisation zoned/monthly', timezone: 'Europe/Berlin', cap: '50.000000000', managedBy: 'api' },
    ])
    expect((await change({ budgets: null, timezone: null })).body).toMatchObject({ budgets: null, timezone: null })
    const [made, , lowered, last] = (await house.call('GET', '/api/audit?limit=1000')).body.items.slice(-4)
    expect(made.detail).toEqual({ models: null, budgets, timezone: 'Europe/Berlin' })
    expect(lowered.detail).toEqual({ budgetsBefore: budgets, budgetsAfter: lower })
    expect(last.detail).toMatchObject({ timezoneBefore: 'Europe/Berlin', timezoneAfter: null })
    const wrong = await change({ budgets: { monthly: { usd: '5', tokens: 5 } } })
    expect(wrong.body.error.message).toMatch(/budgets\.monthly\.tokens.*a budget counts one thing/)
    expect((await change({ timezone: 'Berlin' })).body.error.message).toMatch(/timezone.*is no time zone/)
    expect((await house.call('POST', '/api/teams', { name: 'x', organisation: 'zoned', timezone: 'UTC' })).status).toBe(
      400,
    )
    const key = { name: 'k', organisation: 'zoned', budgets: lower }
    expect((await house.call('POST', '/api/keys', key)).body).toMatchObject({ budgets: lower })
  })

  it('are told to the audit log whole when they are removed', async () => {
    const policy = { models: ['smart'], require: ['region:eu'], timezone: 'Europe/Berlin' }
    const counted = { limits: { burst: { requests: 6, per: 'minute' } }, budgets: { b: { calls: 5, per: 'day' } } }
    await house.call('POST', '/api/organisations', { name: 'passing', ...policy, ...counted })
    await house.call('DELETE', '/api/organisations/passing')
    const [last] = (await house.call('GET', '/api/audit?limit=1000')).body.items.slice(-1)
    expect(last).toMatchObject({ action: 'organisation.remove', detail: { ...policy, ...counted } })
  })

  it('require tags, which change without touching the rest', async () => {
    const require = ['region:eu', 'self-hosted']
    const created = await house.call('POST', '/api/teams', { name: 'tagged', organisation: 'acme', require })
    expect(created.body).toMatchObject({ id: 'team acme/tagged', models: null, require, limits: null })
    const change = (body: unknown) => house.call('PATCH', '/api/teams/acme/tagged', body)
    expect((await change({ models: ['smart'] })).body).toMatchObject({ models: ['smart'], require })
    expect((await change({ require: ['region:us'] })).body).toMatchObject({ models: ['smart'], require: ['region:us'] })
    expect((await change({ require: null })).body).toMatchObject({ models: ['smart'], require: null })
    const [last] = (await house.call('GET', '/api/audit?limit=1000')).body.items.slice(-1)
    expect(last.detail).toEqual({ requireBefore: ['region:us'], requireAfter: null })
    expect((await change({ require: ['No Tag'] })).status).toBe(400)
  })

  it('A3: those of the config file are shown, and are read-only here', async () => {
    expect(ids(await house.call('GET', '/api/teams?organisation=fixed'))).toEqual(['team fixed/core'])
    for (const answer of [
      await house.call('PATCH', '/api/teams/fixed/core', { models: null }),
      await house.call('DELETE', '/api/teams/fixed/core'),
      await house.call('POST', '/api/teams', { name: 'core', organisation: 'fixed' }),
      await house.call('POST', '/api/organisations', { name: 'fixed' }),
    ]) {
      expect(answer.status).toBe(409)
      expect(answer.body.error).toEqual({ code: 'conflict', message: expect.stringMatching(/config file/) })
    }
    expect(house.identity().entities.find(({ entity }) => entity.name === 'core')?.entity.models).toEqual(['smart'])
  })

  it('may be made below those of the config file', async () => {
    const made = await house.call('POST', '/api/projects', { name: 'extra', organisation: 'fixed', team: 'core' })
    expect(made.body).toMatchObject({ id: 'project fixed/core/extra', managedBy: 'api' })
    expect(ids(await house.call('GET', '/api/projects?organisation=fixed&team=core'))).toEqual([
      'project fixed/core/extra',
      'project fixed/core/site',
    ])
  })

  it('refuses a second one of the same name, and one below nothing', async () => {
    expect((await house.call('POST', '/api/teams', { name: 'search', organisation: 'acme' })).status).toBe(409)
    const orphan = await house.call('POST', '/api/teams', { name: 'search', organisation: 'nobody' })
    expect(orphan.body.error.message).toMatch(/no organisation nobody/)
    const project = await house.call('POST', '/api/projects', { name: 'x', organisation: 'acme', team: 'nobody' })
    expect(project.body.error.message).toMatch(/no team acme\/nobody/)
  })

  it('keeps what others belong to until they are gone, and survives the revoked keys of one that is removed', async () => {
    await house.call('POST', '/api/teams', { name: 'full', organisation: 'acme' })
    await house.call('POST', '/api/projects', { name: 'inner', organisation: 'acme', team: 'full' })
    const { body: key } = await house.call('POST', '/api/keys', {
      name: 'k',
      organisation: 'acme',
      team: 'full',
      project: 'inner',
    })
    const remove = (path: string) => house.call('DELETE', `/api/${path}`)
    expect((await remove('teams/acme/full')).body.error.message).toMatch(/1 owner and 1 key/)
    expect((await remove('projects/acme/full/inner')).body.error.message).toMatch(/0 owners and 1 key/)
    expect((await remove('organisations/acme')).status).toBe(409)
    await house.call('POST', `/api/keys/${key.id}/revoke`)
    expect((await remove('projects/acme/full/inner')).status).toBe(200)
    expect((await remove('teams/acme/full')).status).toBe(200)
    const left = (await house.call('GET', '/api/keys?team=full')).body.items
    expect(left).toEqual([expect.objectContaining({ id: key.id, status: 'revoked' })])
    expect(house.bugs).toEqual([])
  })

  it('two at once under one name: one is made, the other is told', async () => {
    const twin = { name: 'twin', organisation: 'acme' }
    const answers = await Promise.all([twin, twin, twin].map((body) => house.call('POST', '/api/agents', body)))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.toSorted()).toEqual([201, 409, 409])
  })

  it.each([
    ['an empty body', undefined],
    ['no name', { organisation: 'acme' }],
    ['a name that is no name', { name: '../x', organisation: 'acme' }],
    ['an allowed model that there is not', { name: 'x', organisation: 'acme', models: ['smrt'] }],
    [
      'a budget for a model that there is not',
      { name: 'x', organisation: 'acme', budgets: { b: { usd: '1', models: ['smrt'] } } },
    ],
    ['models that are no list', { name: 'x', organisation: 'acme', models: 'smart' }],
    ['a thousand and one models', { name: 'x', organisation: 'acme', models: Array.from({ length: 1001 }, () => 'm') }],
    ['a key nobody knows', { name: 'x', organisation: 'acme', managedBy: 'config' }],
    ['a key that acts on prototypes (N4)', '{"name":"x","organisation":"acme","__proto__":{"admin":true}}'],
    ['a key given twice', '{"name":"x","name":"y","organisation":"acme"}'],
    ['a list', '[]'],
    ['text', '"x"'],
    ['no JSON', '{"name":'],
  ])('refuses %s', async (_, body) => {
    const answer = await house.call('POST', '/api/teams', body)
    expect(answer.status).toBe(400)
    expect(answer.body.error.code).toBe('invalid_request')
    expect('admin' in {}).toBe(false)
  })
})
