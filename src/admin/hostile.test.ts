import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openAdminHouse, type AdminHouse } from '../../test/admin-house.ts'
import { corpusDir, reportMissingCorpus } from '../../test/corpus.ts'
import { bodyLimitBytes } from './read-body.ts'

let house: AdminHouse
beforeAll(async () => {
  house = await openAdminHouse()
})
afterAll(() => house.close())

const post = (body: string, headers: Record<string, string> = {}) =>
  house.call('POST', '/api/organisations', body, headers)

const stream = (body: ReadableStream<Uint8Array>) => {
  const headers = { authorization: `Bearer ${house.adminKey}`, 'content-type': 'application/json' }
  const sent: RequestInit = { method: 'POST', headers, body, duplex: 'half' }
  return house.app.request('/api/organisations', sent)
}

/** A few of each family, for where the corpus is absent. */
const ownNaughty = [
  '',
  'undefined',
  '__proto__',
  'constructor',
  "' OR '1'='1",
  '<script>alert(1)</script>',
  '=1+1',
  '../../../etc/passwd',
  '%00',
  '\u0000',
  '\u202eabc',
  '\r\nset-cookie: a=b',
  'Ω≈ç√∫˜µ≤≥÷',
  '👩‍👩‍👧‍👧',
  '{{7*7}}',
  '-1/0',
]

function naughtyStrings(): readonly string[] {
  if (corpusDir === undefined) {
    reportMissingCorpus('naughty strings at the admin API')
    return ownNaughty
  }
  const strings: unknown = JSON.parse(readFileSync(join(corpusDir, 'bad-inputs', 'naughty-strings.json'), 'utf8'))
  return [...ownNaughty, ...(Array.isArray(strings) ? strings.map(String) : [])]
}

describe('D4: hostile input is refused, never a 5xx', () => {
  it('naughty strings in every name, body, query and path', async () => {
    const strings = naughtyStrings()
    const seen = new Map<number, number>()
    const call = async (method: string, path: string, body?: unknown) => {
      const answer = await house.call(method, path, body)
      seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1)
      if (answer.status >= 500) throw new Error(`${answer.status} for ${method} ${path} ${JSON.stringify(body)}`)
      if (answer.status >= 400) expect(Object.keys(answer.body.error)).toEqual(['code', 'message'])
      return answer
    }
    for (const text of strings) {
      const inUrl = encodeURIComponent(text)
      await call('POST', '/api/organisations', { name: text })
      await call('POST', '/api/teams', { name: text, organisation: 'fixed', models: [text, `${text}*`] })
      await call('POST', '/api/keys', { name: text, organisation: text, team: text, agent: text, expiresAt: text })
      await call('POST', '/api/keys', { name: 'k', organisation: 'fixed', [text]: text })
      await call('POST', '/api/keys', text)
      await call('GET', `/api/keys?name=${inUrl}&after=${inUrl}&limit=${inUrl}`)
      await call('GET', `/api/keys?${inUrl}=${inUrl}`)
      await call('GET', `/api/usage?by=${inUrl}&since=${inUrl}&team=${inUrl}`)
      await call('GET', `/api/usage?by=team,model&team=${inUrl}&format=csv`)
      await call('GET', `/api/usage?by=metadata.${inUrl}&metadata.${inUrl}=${inUrl}&endUser=${inUrl}&run=${inUrl}`)
      await call('GET', `/api/usage/records?metadata.a=${inUrl}&metadata.${inUrl}=x&team=${inUrl}&limit=1`)
      await call('GET', `/api/usage/records?after=${inUrl}&run=${inUrl}`)
      await call('GET', `/api/usage/records?endUser=${inUrl}&format=csv`)
      await call('GET', `/api/exchanges/${inUrl}`)
      await call('POST', `/api/keys/${inUrl}/revoke`)
      await call('DELETE', `/api/teams/${inUrl}/${inUrl}`)
    }
    expect(house.bugs).toEqual([])
    expect(seen.get(400)).toBeGreaterThan(strings.length * 5)
    const names = house.identity().entities.map(({ entity }) => entity.name)
    expect(names.filter((name) => !/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name))).toEqual([])
    expect((await house.call('GET', '/api/audit/verify')).body.isIntact).toBe(true)
  })

  it('naughty strings as model patterns are stored and told as they were given, or refused', async () => {
    const anyModel = { name: '*', strategy: 'priority', targets: [] }
    const house = await openAdminHouse((parts) => ({ ...parts, models: () => [anyModel] }))
    onTestFinished(() => house.close())
    await house.call('POST', '/api/organisations', { name: 'patterns' })
    for (const text of naughtyStrings()) {
      const answer = await house.call('PATCH', '/api/organisations/patterns', { models: [text] })
      if (answer.status !== 200) expect(answer.status).toBe(400)
      else
        expect((await house.call('GET', '/api/organisations?after=organisation+p')).body.items[0].models).toEqual([
          text,
        ])
    }
  })

  it('the cases of the JSON test suite are 4xx where they must be refused, and never 5xx', async () => {
    if (corpusDir === undefined) return reportMissingCorpus('JSON test suite at the admin API')
    const folder = join(corpusDir, 'bad-inputs', 'json')
    const doors = ['organisations', 'teams', 'projects', 'users', 'agents', 'keys']
    for (const file of readdirSync(folder)) {
      const body = readFileSync(join(folder, file))
      for (const [method, path] of [
        ...doors.map((door) => ['POST', `/api/${door}`]),
        ['PATCH', '/api/teams/fixed/core'],
      ]) {
        const answer = await house.app.request(path ?? '', {
          method: method ?? '',
          headers: { authorization: `Bearer ${house.adminKey}`, 'content-type': 'application/json' },
          body,
        })
        // None of the suite's documents is one of ours, so even the valid ones are refused: by the schema.
        const isEmptyChange = method === 'PATCH' && answer.status === 409
        expect([file, path, isEmptyChange || answer.status === 400]).toEqual([file, path, true])
        expect(Object.keys(((await answer.json()) as { error: object }).error)).toEqual(['code', 'message'])
      }
    }
    expect(house.bugs).toEqual([])
  })

  it('N3, N6: bodies that are too large, too deep or not plain JSON', async () => {
    expect((await post(`{"name":"${'x'.repeat(bodyLimitBytes)}"}`)).status).toBe(413)
    expect((await post('{}', { 'content-length': '99999999' })).status).toBe(413)
    expect((await post('['.repeat(100_000))).status).toBe(400)
    expect((await post(`{"name":${'['.repeat(10_000)}${']'.repeat(10_000)}}`)).status).toBe(400)
    expect((await post('{"name":"x"}', { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await post('name=x', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415)
    expect((await post('{"name":"x"}', { 'content-encoding': 'gzip' })).status).toBe(415)
    expect((await post('{"name":"x1"}', { 'content-type': 'Application/JSON; charset=utf-8' })).status).toBe(201)
  })

  it('a body that is announced and never comes in full is cut at the limit, not buffered', async () => {
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled += 1
        controller.enqueue(new Uint8Array(64 * 1024))
      },
    })
    expect((await stream(endless)).status).toBe(413)
    expect(pulled).toBeLessThan(32)
  })

  it('a body that breaks off is no bug of ours', async () => {
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from('{"name"')),
      pull: (controller) => controller.error(new Error('aborted')),
    })
    const answer = await stream(broken)
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: 'invalid_request' } }])
    expect(house.bugs).toEqual([])
  })

  it('N4: keys that act on prototypes do nothing, in bodies and in queries', async () => {
    await house.call('POST', '/api/organisations', '{"name":"p","constructor":{"prototype":{"polluted":1}}}')
    await house.call('GET', '/api/keys?__proto__[polluted]=1&constructor.prototype.polluted=1&__proto__=1')
    expect('polluted' in {}).toBe(false)
  })

  it('N4: a key that schemas pass over is refused wherever it is, and nothing is made', async () => {
    for (const [body, path] of [
      ['{"name":"proto","limits":{"__proto__":{"requests":0,"per":"minute"}}}', 'limits.__proto__'],
      ['{"name":"proto","budgets":{"\\u005f_proto__":{"calls":0}}}', 'budgets.__proto__'],
      ['{"name":"proto","models":[{"__proto__":null}]}', 'models[0].__proto__'],
    ] as const) {
      const answer = await post(body)
      expect([answer.status, answer.body.error]).toEqual([
        400,
        { code: 'invalid_request', message: `${path}: this name cannot be used; choose another` },
      ])
    }
    expect((await post('{"name":"proto"}')).status).toBe(201)
  })

  it('more changes than may wait are told so', async () => {
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, place) => house.call('POST', '/api/organisations', { name: `crowd-${place}` })),
    )
    const refused = answers.filter(({ status }) => status === 503)
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(256)
    expect(refused.map(({ body }) => body.error.code)).toEqual(refused.map(() => 'overloaded'))
    expect((await house.call('POST', '/api/organisations', { name: 'afterwards' })).status).toBe(201)
  })
})
