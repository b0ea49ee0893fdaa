import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAdminHouse, type AdminHouse } from '../../test/admin-house.ts'

let house: AdminHouse
beforeAll(async () => {
  house = await openAdminHouse()
})
afterAll(() => house.close())

const acme = { name: 'x', organisation: 'fixed' }
const names = 'names are 1 to 63 letters, digits, dots, dashes and underscores'

describe('what a route refuses is told in the words of the config', () => {
  it.each([
    ['POST', '/api/teams', {}, 'name: missing; give text; organisation: missing; give text'],
    ['POST', '/api/teams', undefined, 'name: missing; give text; organisation: missing; give text'],
    ['POST', '/api/teams', { ...acme, name: 5 }, 'name: expected text, found a number; put it in quotes'],
    ['POST', '/api/teams', { ...acme, name: null }, 'name: has no value; give text or remove the key'],
    ['POST', '/api/teams', { ...acme, limts: {} }, 'limts: unknown key; did you mean "limits"?'],
    ['POST', '/api/teams', { ...acme, limits: { 'a b': {} } }, `limits["a b"]: this name cannot be used: ${names}`],
    ['POST', '/api/keys', { ...acme, expiresInDays: 0 }, 'expiresInDays: must be at least 1'],
    [
      'POST',
      '/api/keys',
      { ...acme, budgets: { b: { usd: true } } },
      'budgets.b.usd: expected text or a number, found true or false',
    ],
    ['POST', '/api/keys', { ...acme, expiresAt: 'soon' }, 'expiresAt: must be a moment, such as 2026-11-23T09:00:00Z'],
    [
      'POST',
      '/api/keys',
      { ...acme, expiresAt: '9999-12-31T23:59:59-23:59' },
      'expiresAt: must be within the years 0000 to 9999 of UTC',
    ],
    ['PATCH', '/api/organisations/a%2Fb', { models: null }, `name: ${names}`],
    ['GET', '/api/keys?limit=0', undefined, 'limit: must be at least 1'],
    ['GET', '/api/keys?limit=1&limit=2', undefined, 'limit: is given more than once; give it once'],
    [
      'GET',
      '/api/keys?managedBy=conf',
      undefined,
      'managedBy: "conf" is not one of config, api; did you mean "config"?',
    ],
    [
      'GET',
      '/api/usage?from=soon',
      undefined,
      'from: must be a moment such as 2026-11-23T09:00:00Z or a day (UTC) such as 2026-11-23',
    ],
  ])('%s %s with %j', async (method, path, body, message) => {
    const answer = await house.call(method, path, body)
    expect([answer.status, answer.body]).toEqual([400, { error: { code: 'invalid_request', message } }])
  })

  it('a few of many, and how many more there are', async () => {
    const body = Object.fromEntries(Array.from({ length: 14 }, (_, place) => [`surplus${place}`, 1]))
    const { message } = (await house.call('POST', '/api/config/reload', body)).body.error
    expect(message.split('; ')).toHaveLength(11)
    expect(message).toMatch(/^surplus0: unknown key; .*; and 4 more$/)
  })
})
