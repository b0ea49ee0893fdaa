import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startKeeping, type KeepingProvider } from '../carried/keeping-provider.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'

/** What the client of a carried call is told beside the bytes of its answer: the status, and a few headers. */
let provider: KeepingProvider
let weir: RunningGateway

beforeAll(async () => {
  provider = await startKeeping()
  weir = await startGateway({
    env: { KEY: 'secret-1' },
    config: `
providers:
  open: { kind: openai, baseUrl: "${provider.origin}/v1", credentials: { apiKey: env:KEY },
    native: [{ path: /v1/odd/*, methods: [GET, POST, DELETE], reserve: { usd: "0" } }, { path: /v1/blind/*, methods: [POST], reserve: { usd: "0" } }] }
models:
  smart: { targets: [{ provider: open, model: m }] }
`,
  })
})

afterAll(async () => {
  await weir.close()
  await provider.close()
})

describe('the status', () => {
  it.each([[200], [201], [202], [203]])('is the provider’s own: %d', async (status) => {
    const before = weir.finished.length
    provider.next(status)
    const answer = await ask('POST')
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/json'])
    expect(await answer.json()).toMatchObject({ asked: '/v1/odd/thing' })
    await weir.ended(before + 1)
    expect(weir.finished[before]).toMatchObject({ status, records: [{ status: 'ok', httpStatus: status }] })
  })

  it.each([
    [204, null],
    [205, '0'],
  ])('is told with no body and no type: %d', async (status, length) => {
    provider.next(status, { etag: '"a"' })
    const answer = await ask('DELETE')
    const { headers } = answer
    expect([answer.status, await answer.text(), headers.get('etag')]).toEqual([status, '', '"a"'])
    expect(['content-type', 'content-length', 'transfer-encoding'].map((name) => headers.get(name))).toEqual([
      null,
      length,
      null,
    ])
    // The connection goes on behind it.
    expect((await ask('POST')).status).toBe(200)
  })

  it('is no redirect, wherever that leads', async () => {
    provider.next(303, { location: '/v1/odd/other' })
    const answer = await ask('POST')
    expect([answer.status, answer.headers.get('location')]).toEqual([502, null])
  })
})

describe('the headers', () => {
  const passed = {
    'content-disposition': 'attachment; filename="a.pdf"; filename*=UTF-8\'\'%e2%82%ac.pdf',
    'content-language': 'de',
    etag: '"x"',
    'last-modified': 'Wed, 21 Oct 2026 07:28:00 GMT',
    'retry-after': '5',
  }

  it('that say how to read an answer pass, and none that tell of the provider', async () => {
    const left = { 'openai-organization': 'ours', 'set-cookie': 'a=b', server: 'theirs', 'accept-ranges': 'bytes' }
    provider.next(200, { ...passed, ...left })
    const { headers } = await ask('POST')
    expect(Object.fromEntries(headers)).toMatchObject(passed)
    for (const name of Object.keys(left)) expect(headers.get(name)).toBeNull()
  })

  it.each([
    ['is too long', 'a'.repeat(2_001)],
    ['is not plain', 'caf\u00e9'],
    ['quotes our key', 'attachment; filename="secret-1"'],
  ])('are left out where one %s', async (_, value) => {
    provider.next(200, { 'content-disposition': value, etag: '"x"' })
    const { headers } = await ask('POST')
    expect([headers.get('content-disposition'), headers.get('etag')]).toEqual([null, '"x"'])
  })

  it('of a file pass with its bytes', async () => {
    const id = await fileOf('hello')
    provider.next(200, { ...passed, 'content-length': '5' })
    const answer = await get(`/v1/files/${id}/content`)
    expect(Object.fromEntries(answer.headers)).toMatchObject({ ...passed, 'content-length': '5' })
    expect([answer.status, await answer.text()]).toEqual([200, 'hello'])
  })
})

describe('a file', () => {
  it('comes in the part that is asked for, and is counted by what came', async () => {
    const id = await fileOf('hello')
    const before = weir.finished.length
    provider.write(id, 'he')
    provider.next(206, { 'content-range': 'bytes 0-1/5', 'content-length': '2', etag: '"x"' })
    const asked = { range: 'bytes=0-1', 'if-range': '"x"' }
    const answer = await get(`/v1/files/${id}/content`, asked)
    expect([answer.status, await answer.text()]).toEqual([206, 'he'])
    expect(Object.fromEntries(answer.headers)).toMatchObject({ 'content-range': 'bytes 0-1/5', 'content-length': '2' })
    expect(provider.seen.at(-1)?.headers).toMatchObject(asked)
    await weir.ended(before + 1)
    expect(weir.finished[before]).toMatchObject({ status: 206, records: [{ status: 'ok', httpStatus: 206 }] })
  })

  it.each([
    ['if-none-match', 'W/"x", "y"'],
    ['if-modified-since', 'Wed, 21 Oct 2026 07:28:00 GMT'],
  ])('that has not changed is told by its head alone: %s', async (name, said) => {
    const id = await fileOf('hello')
    const before = weir.finished.length
    provider.next(304, { etag: '"x"', 'last-modified': 'Wed, 21 Oct 2026 07:28:00 GMT' })
    const answer = await get(`/v1/files/${id}/content`, { [name]: said })
    expect([answer.status, await answer.text(), answer.headers.get('etag')]).toEqual([304, '', '"x"'])
    for (const none of ['content-type', 'content-length', 'transfer-encoding'])
      expect(answer.headers.get(none)).toBeNull()
    expect(provider.seen.at(-1)?.headers).toMatchObject({ [name]: said })
    await weir.ended(before + 1)
    expect(weir.finished[before]).toMatchObject({ status: 304, records: [{ status: 'ok', costNanos: 0n }] })
    // The connection goes on behind it.
    expect(await (await get(`/v1/files/${id}/content`)).text()).toBe('hello')
  })

  it('that has no such part is told to be too short, and how long it is', async () => {
    const id = await fileOf('hello')
    const before = weir.finished.length
    provider.next(416, { 'content-range': 'bytes */5' })
    const answer = await get(`/v1/files/${id}/content`, { range: 'bytes=9-' })
    expect([answer.status, answer.headers.get('content-range')]).toEqual([416, 'bytes */5'])
    expect(await answer.json()).toMatchObject({ error: { code: 'range_not_satisfiable' } })
    await weir.ended(before + 1)
    expect(weir.finished[before]).toMatchObject({ status: 416, records: [{ status: 'failed', costNanos: 0n }] })
  })

  it.each([
    ['range', 'lines=0-1'],
    ['range', `bytes=${'1-2,'.repeat(80)}`],
    ['if-none-match', 'x'],
    ['if-modified-since', 'yesterday'],
    ['if-match', '"x"'],
  ])('comes whole where a condition is none that is known: %s: %s', async (name, said) => {
    const id = await fileOf('hello')
    expect(await (await get(`/v1/files/${id}/content`, { [name]: said })).text()).toBe('hello')
    expect(provider.seen.at(-1)?.headers).not.toHaveProperty(name)
  })

  it('is not unchanged where nobody asked, and only files come in parts', async () => {
    const id = await fileOf('hello')
    provider.next(304)
    expect((await get(`/v1/files/${id}/content`)).status).toBe(502)
    expect((await get(`/v1/files/${id}`, { range: 'bytes=0-1' })).status).toBe(200)
    expect(provider.seen.at(-1)?.headers).not.toHaveProperty('range')
  })
})

describe('a refusal', () => {
  it('tells how long the provider wants to be left alone', async () => {
    const id = await fileOf('hello')
    provider.next(429, { 'retry-after': '37' })
    const told = await get(`/v1/files/${id}/content`)
    expect([told.status, told.headers.get('retry-after')]).toEqual([429, '37'])
    provider.next(429, { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '12s' })
    expect((await get(`/v1/files/${id}/content`)).headers.get('retry-after')).toBe('12')
  })
})

describe('where to ask for what was begun', () => {
  let here: string
  beforeEach(() => {
    here = `${weir.gateway.dataOrigin}/native/open`
  })

  it.each([['location'], ['operation-location']])(
    'is told as a place of ours, which can be asked: %s',
    async (name) => {
      provider.next(202, { [name]: `${provider.origin}/v1/odd/jobs/1?version=2` })
      const begun = await ask('POST')
      const place = begun.headers.get(name)
      expect([begun.status, place]).toEqual([202, `${here}/v1/odd/jobs/1?version=2`])
      const polled = await fetch(place ?? '', { headers: auth() })
      expect(await polled.json()).toMatchObject({ asked: '/v1/odd/jobs/1' })
      expect(provider.seen.at(-1)?.path).toBe('/v1/odd/jobs/1?version=2')
    },
  )

  it.each([
    ['from the root of the host', '/v1/odd/jobs/1', '/v1/odd/jobs/1'],
    ['from what was asked', 'jobs/1', '/v1/odd/jobs/1'],
    ['with a way back', '/v1/files/../odd/1', '/v1/odd/1'],
    ['with a name and a password', 'http://user:word@HOST/v1/odd/1#part', '/v1/odd/1'],
  ])('may be told %s', async (_, said, path) => {
    expect(await locationOf(said)).toBe(`${here}${path}`)
  })

  it.each([
    ['another host', 'https://jobs.internal.example/v1/odd/1'],
    ['another host, in short', '//jobs.internal.example/v1/odd/1'],
    ['the same host in another way', 'https://HOST/v1/odd/1'],
    ['what is not opened', 'http://HOST/v1/files/file-1'],
    ['what is not opened, around', '/v1/odd/../files/file-1'],
    ['what is not opened to be read', 'http://HOST/v1/blind/1'],
    ['what two readers could take for different places', '/v1/odd/%2fa'],
    ['a key in the URL', '/v1/odd/1?API-Key=abc'],
    ['our key under another name', '/v1/odd/1?s=secret-1'],
    ['no place', 'http://'],
  ])('is left out where it is %s', async (_, said) => {
    expect(await locationOf(said)).toBeNull()
  })

  it('is not told of on a path of the table, below which nothing is opened', async () => {
    const id = await fileOf('hello')
    provider.next(200, { location: `${provider.origin}/v1/odd/1` })
    expect((await get(`/v1/files/${id}`)).headers.get('location')).toBeNull()
  })

  async function locationOf(said: string): Promise<string | null> {
    const host = provider.origin.slice('http://'.length)
    provider.next(202, { location: said.replace('HOST', host) })
    return (await ask('POST')).headers.get('location')
  }
})

function ask(method: string): Promise<Response> {
  const headers = { ...auth(), 'content-type': 'application/json' }
  const body = method === 'POST' ? '{}' : null
  const url = `${weir.gateway.dataOrigin}/native/open/v1/odd/thing`
  return fetch(url, { method, headers, body, redirect: 'manual' })
}

function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}${path}`, { headers: { ...auth(), ...headers } })
}

async function fileOf(content: string): Promise<string> {
  const body = new FormData()
  body.set('purpose', 'user_data')
  body.set('file', new Blob([content]), 'a.txt')
  const made = await fetch(`${weir.gateway.dataOrigin}/v1/files`, { method: 'POST', headers: auth(), body })
  return ((await made.json()) as { id: string }).id
}

function auth(): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${weir.key}` }
}
