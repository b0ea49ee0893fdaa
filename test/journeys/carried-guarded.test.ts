import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startKeeping, type KeepingProvider } from '../carried/keeping-provider.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'

/** Guardrails on paths that are carried whole: files, batches, stored answers, and a provider's own paths (G1, G2). */
let provider: KeepingProvider
let weir: RunningGateway

beforeAll(async () => {
  provider = await startKeeping()
  weir = await startGateway({
    env: { KEY: 'secret-1' },
    config: `
providers:
  open: { kind: openai, baseUrl: "${provider.origin}/v1", credentials: { apiKey: env:KEY }, reserve: { batches: { usd: "1.5" } },
    native: [{ path: /v1/odd/4111-1111-1111-1111, methods: [POST], reserve: { usd: "0.25" } }, { path: /v1/odd/*, methods: [POST], reserve: { usd: "0.25" } }] }
models:
  smart: { targets: [{ provider: open, model: m }] }
  strict: { targets: [{ provider: open, model: m }], guardrails: { moons: { terms: [Project Mimas], action: redact, phases: [output] } } }
guardrails:
  titan: { terms: [Project Titan], action: block }
  no-cards: { find: [card], action: redact }
  narrow: { terms: [Project Narrow], action: block, in: [user], phases: [input] }
  watched: { terms: [Project Seen], action: flag }
`,
  })
})

afterAll(async () => {
  await weir.close()
  await provider.close()
})

const card = '4111 1111 1111 1111'

describe('what is sent', () => {
  it.each([
    ['a text file', 'notes.txt', 'all about Project Titan'],
    ['a file of JSON', 'notes.json', '{"deep":[{"note":"Project\\nTitan"}]}'],
    ['a file of a list', 'notes.json', '[{"note":"Project\\u0020Titan"}]'],
    ['lines of JSON', 'notes.jsonl', '{"a":"x"}\n{"note":"Project\\u0020Titan"}\n'],
    ['what stands between lines of JSON', 'notes.jsonl', '{"a":"x"}\nProject Titan\n["y"]\n'],
    ['the name of a file', 'Project Titan.txt', 'hm'],
    ['what would be redacted', 'notes.txt', `pay with ${card}`],
  ])('is refused with what must not leave: %s', async (_, name, content) => {
    const before = provider.seen.length
    const refused = await upload(name, content)
    expect([refused.status, await refused.json()]).toMatchObject([403, { error: { code: 'guardrail_blocked' } }])
    expect(provider.seen.length).toBe(before)
  })

  it('is read in UTF-16 too', async () => {
    expect((await upload('notes.txt', Buffer.from('about Project Titan', 'utf16le'))).status).toBe(403)
  })

  it('passes where nothing is found, or a rule only tells; the record says what was seen', async () => {
    expect((await upload('notes.txt', 'about Project Seen')).status).toBe(200)
    expect(lastGuardrails()).toMatchObject({
      decisions: [{ rule: 'watched', place: 'document', path: 'file', action: 'flag' }],
    })
    expect((await upload('picture.png', Buffer.from([0x89, 0x50, 0xff, 0x00]))).status).toBe(200)
  })

  it('is looked at beside the calls of a batch too', async () => {
    const before = provider.seen.length
    const refused = await post('/v1/batches', {
      input_file_id: 'file-o1',
      endpoint: '/v1/responses',
      metadata: { note: 'Project Titan' },
    })
    expect([refused.status >= 400, provider.seen.length]).toEqual([true, before])
  })

  it.each([
    ['blocked', { note: 'Project Titan' }],
    ['what would be changed', { deep: { status: `card ${card}` } }],
    ['what a rule looks for in messages only, since it could be one', { anything: 'Project Narrow' }],
  ])('is refused on a path of a provider’s own: %s', async (_, body) => {
    const before = provider.seen.length
    const refused = await post('/native/open/v1/odd/thing', body)
    expect([refused.status, provider.seen.length]).toEqual([403, before])
  })

  it.each([
    ['its query', '?q=Project%20Titan&a=1', '{}', 'application/json'],
    ['the name in its query', '?Project+Titan=1', '{}', 'application/json'],
    ['a form', '', 'a=1&note=Project%20Titan', 'application/x-www-form-urlencoded'],
  ])('is refused on a path of a provider’s own: in %s', async (_, query, body, type) => {
    const before = provider.seen.length
    const refused = await send(`/native/open/v1/odd/thing${query}`, body, type)
    expect([refused.status, provider.seen.length]).toEqual([403, before])
  })

  it('is refused in the query of a path that is carried', async () => {
    const { id } = (await (await upload('empty.txt', 'hm')).json()) as { id: string }
    const before = provider.seen.length
    const refused = await get(`/v1/files/${id}?note=Project%20Titan`)
    expect([refused.status, provider.seen.length]).toEqual([403, before])
    expect((await get(`/v1/files/${id}?note=hm`)).status).toBe(200)
  })

  it.each([
    ['the only segment of its path', '5555-5555-5555-4444'],
    ['a later segment of its path', 'of/5555-5555-5555-4444/last'],
  ])('is refused on a path of a provider’s own: in %s', async (_, path) => {
    const before = provider.seen.length
    const refused = await post(`/native/open/v1/odd/${path}`, {})
    expect(await refused.json()).toMatchObject({ error: { code: 'guardrail_blocked', param: 'path' } })
    expect(provider.seen.length).toBe(before)
  })

  it('is refused on a path of a provider’s own where two readers could believe different things', async () => {
    const refused = await send('/native/open/v1/odd/thing', '{"a":"Project Titan","a":"hm"}')
    expect(refused.status).toBe(400)
  })
})

describe('what comes back', () => {
  it('is redacted in a stored answer, and blocked', async () => {
    const made = (await (await post('/v1/responses', { model: 'smart', input: 'hi' })).json()) as { id: string }
    const output = (text: string) => ({ output: [{ type: 'message', content: [{ type: 'output_text', text }] }] })
    provider.change(made.id, output(`pay with ${card}`))
    const told = await (await get(`/v1/responses/${made.id}`)).text()
    expect(told).toContain('pay with [CARD]')
    provider.change(made.id, output('Project Titan'))
    const blocked = await get(`/v1/responses/${made.id}`)
    expect([blocked.status, await blocked.text()]).toEqual([403, expect.not.stringContaining('Titan.')])
    expect(lastGuardrails()).toMatchObject({ decisions: [{ rule: 'titan', phase: 'output', place: 'assistant' }] })
  })

  it('is looked at by the rules of the model that answered', async () => {
    const toldOf = async (model: string) => {
      const { id } = (await (await post('/v1/responses', { model, input: 'hi' })).json()) as { id: string }
      const content = [{ type: 'output_text', text: 'Project Mimas' }]
      provider.change(id, { output: [{ type: 'message', content }] })
      return (await get(`/v1/responses/${id}`)).text()
    }
    expect(await toldOf('strict')).not.toContain('Mimas')
    expect(await toldOf('smart')).toContain('Mimas')
  })

  it('is no stream: its pieces are no texts by themselves', async () => {
    const made = (await (await post('/v1/responses', { model: 'smart', input: 'hi' })).json()) as { id: string }
    const before = provider.seen.length
    const refused = await get(`/v1/responses/${made.id}?stream=true&starting_after=1`)
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: { param: 'stream' } }])
    expect(provider.seen.length).toBe(before)
    expect((await get(`/v1/responses/${made.id}?stream=false`)).status).toBe(200)
    provider.next(200, { 'content-type': 'text/event-stream' })
    expect((await get(`/v1/responses/${made.id}`)).status).toBe(403)
  })

  it.each([
    ['as text', `one ${card}\ntwo`, 'one [CARD]\ntwo'],
    ['line by line', `{"a":"${card}"}\n{"b":"x"}\n`, '{"a":"[CARD]"}\n{"b":"x"}\n'],
    ['as a list', `["\\u0034${card.slice(1)}"]`, '["[CARD]"]'],
    ['as it is', '{"a":  "nothing"}\n', '{"a":  "nothing"}\n'],
  ])('is redacted in a file, %s', async (_, content, expected) => {
    const { id } = (await (await upload('empty.txt', 'hm')).json()) as { id: string }
    provider.write(id, content)
    expect(await (await get(`/v1/files/${id}/content`)).text()).toBe(expected)
    provider.write(id, 'Project Titan')
    const blocked = await get(`/v1/files/${id}/content`)
    expect(blocked.status).toBe(403)
  })

  it('is told without the name of its file, and what was true of the bytes as they came', async () => {
    const { id } = (await (await upload('empty.txt', 'hm')).json()) as { id: string }
    provider.write(id, card)
    provider.next(200, {
      'content-disposition': 'attachment; filename="Project Titan.txt"',
      etag: '"x"',
      'content-length': String(card.length),
      'content-language': 'en',
    })
    const { headers } = await get(`/v1/files/${id}/content`, { range: 'bytes=0-1' })
    // Of a part nobody could say what the whole is.
    expect(provider.seen.at(-1)?.headers).not.toHaveProperty('range')
    const names = ['content-disposition', 'etag', 'content-length', 'content-language']
    expect(names.map((name) => headers.get(name))).toEqual([null, null, '6', 'en'])
  })

  it('is looked at on a path of a provider’s own', async () => {
    const told = await post('/native/open/v1/odd/Project-Titan', { a: 1 })
    expect(told.status).toBe(200)
    // What the config opens by its whole name, no client has said.
    const asked = await post('/native/open/v1/odd/4111-1111-1111-1111', { a: 1 })
    expect(await asked.json()).toMatchObject({ asked: '/v1/odd/[CARD]' })
  })
})

function upload(name: string, content: string | Buffer<ArrayBuffer>): Promise<Response> {
  const body = new FormData()
  body.set('purpose', 'user_data')
  body.set('file', new Blob([content]), name)
  return fetch(`${weir.gateway.dataOrigin}/v1/files`, { method: 'POST', headers: auth(), body })
}

function post(path: string, body: object): Promise<Response> {
  return send(path, JSON.stringify(body))
}

function send(path: string, body: string, contentType = 'application/json'): Promise<Response> {
  const headers = { ...auth(), 'content-type': contentType }
  return fetch(`${weir.gateway.dataOrigin}${path}`, { method: 'POST', headers, body })
}

function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}${path}`, { headers: { ...auth(), ...headers } })
}

function auth(): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${weir.key}` }
}

function lastGuardrails(): unknown {
  const record = weir.finished.at(-1)?.records.at(-1)
  return (JSON.parse(record?.decision ?? '{}') as { guardrails?: unknown }).guardrails
}
