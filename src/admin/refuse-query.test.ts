import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAdminHouse, type AdminHouse } from '../../test/admin-house.ts'
import { publicPaths } from './guard.ts'

let house: AdminHouse
beforeAll(async () => {
  house = await openAdminHouse()
})
afterAll(() => house.close())

describe('a parameter that a route does not know', () => {
  it('is refused by every route but the public ones', async () => {
    const routes = house.app.routes.filter(({ method, path }) => method !== 'ALL' && !publicPaths.has(path))
    expect(routes.length).toBeGreaterThan(30)
    for (const { method, path } of routes) {
      const answer = await house.call(method, `${path.replaceAll(/:\w+/g, 'x')}?surprise=1`)
      expect([method, path, answer.status]).toEqual([method, path, 400])
      expect(answer.body.error.message).toMatch(/surprise: unknown key|the key "surprise"/)
    }
  })

  it('keeps a change from being made', async () => {
    const body = { name: 'acme' }
    const refused = await house.call('POST', '/api/organisations?isDryRun=true', body)
    expect(refused.body.error.message).toBe(
      'The query has the key "isDryRun", but POST takes no query: put it in the body.',
    )
    expect((await house.call('POST', '/api/organisations', body)).status).toBe(201)
  })
})
