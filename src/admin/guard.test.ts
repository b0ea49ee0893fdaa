import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAdminHouse, type AdminHouse } from '../../test/admin-house.ts'
import { publicPaths } from './guard.ts'

let house: AdminHouse
beforeAll(async () => {
  house = await openAdminHouse()
})
afterAll(() => house.close())

/** Every route of the app as it stands: a new one is in this list on the day it is added. */
const routes = () =>
  house.app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => ({ method, path: path.replaceAll(/:\w+/g, 'x') }))

const bare = async (method: string, path: string, headers: Record<string, string> = {}) => {
  const answer = await house.app.request(path, { method, headers })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

describe('the guard of the admin API', () => {
  it('A6: refuses every route without the admin key but the public ones', async () => {
    const guarded = routes().filter(({ path }) => !publicPaths.has(path))
    expect(guarded.length).toBeGreaterThan(30)
    for (const { method, path } of guarded) {
      const answer = await bare(method, path)
      expect([method, path, answer.status]).toEqual([method, path, 401])
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="weir admin"')
      expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'unauthenticated' } })
    }
  })

  it('A6: the public routes are these, and answer to reading only', async () => {
    expect([...publicPaths].toSorted()).toEqual(['/', '/healthz', '/metrics'])
    for (const path of publicPaths) {
      expect((await bare('GET', path)).status).toBe(200)
      expect((await bare('HEAD', path)).status).toBe(200)
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
        expect([path, method, (await bare(method, path)).status]).toEqual([path, method, 401])
    }
  })

  it.each([
    '//',
    '/healthz/',
    '/healthz/../api/keys',
    '/metrics%2f',
    '/%2e%2e/api/keys',
    '/api%2fkeys',
    '/%61pi/keys',
    '/api',
    '/favicon.ico',
    '/.env',
  ])('A3: %s is refused like any other path that is not public', async (path) => {
    expect((await bare('GET', path)).status).toBe(401)
  })

  it.each([
    ['nothing', ''],
    ['another key', 'Bearer weir_admin_wrong'],
    ['another scheme', 'Basic YWRtaW46YWRtaW4='],
    ['the scheme alone', 'Bearer'],
    ['an injection (A1)', "Bearer ' OR '1'='1"],
    ['two keys', 'Bearer one, Bearer two'],
  ])('refuses %s', async (_, authorization) => {
    expect((await bare('GET', '/api/keys', { authorization })).status).toBe(401)
  })

  it('refuses the key where it does not belong: query, other headers', async () => {
    expect((await bare('GET', `/api/keys?key=${house.adminKey}`)).status).toBe(401)
    expect((await bare('GET', '/api/keys', { 'x-api-key': house.adminKey })).status).toBe(401)
    expect((await bare('GET', '/api/keys', { cookie: `key=${house.adminKey}` })).status).toBe(401)
  })

  it('knows a path that does not exist only after the key', async () => {
    expect((await bare('GET', '/api/nothing')).status).toBe(401)
    expect((await house.call('GET', '/api/nothing')).body.error.code).toBe('not_found')
    expect((await house.call('PUT', '/api/keys')).body.error.code).toBe('not_found')
  })

  it('CORS is off: a preflight is refused and no answer may be read by another origin', async () => {
    const origin = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    const preflight = await bare('OPTIONS', '/api/keys', origin)
    const read = await house.call('GET', '/api/keys', undefined, origin)
    expect(preflight.status).toBe(401)
    for (const { headers } of [preflight, read])
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  it('every answer carries the security headers, refusals included', async () => {
    for (const answer of [
      await bare('GET', '/api/keys'),
      await bare('GET', '/'),
      await house.call('GET', '/api/nothing'),
    ]) {
      expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'.*frame-ancestors 'none'/)
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.headers.get('set-cookie')).toBeNull()
    }
  })

  it('the page is the only one with a style, and that is named by its hash', async () => {
    const page = await bare('GET', '/')
    expect(page.headers.get('content-type')).toMatch(/^text\/html/)
    expect(page.headers.get('content-security-policy')).toMatch(/style-src 'sha256-[\w+/]{43}='/)
    expect(page.headers.get('content-security-policy')).not.toMatch(/unsafe|script/)
    expect(page.text).not.toMatch(/<script|\son\w+=|https?:/)
  })

  it('a mistake of ours is told with an id and nothing else', async () => {
    const broken = await openAdminHouse((parts) => ({
      ...parts,
      models: () => {
        throw new Error('secret detail /var/lib/weir')
      },
    }))
    const answer = await broken.call('GET', '/api/models')
    expect(answer.status).toBe(500)
    expect(answer.body.error).toMatchObject({ code: 'internal', id: expect.stringMatching(/^req_/) })
    expect(answer.text).not.toMatch(/secret detail/)
    expect(broken.bugs).toEqual([expect.objectContaining({ message: 'secret detail /var/lib/weir' })])
    await broken.close()
  })
})
