import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/canonical/clock.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'

/** Responses that a provider keeps: a call that builds on one goes to whoever holds it, and to nobody else. */
let first: ReplayUpstream
let second: ReplayUpstream
let weir: RunningGateway
let otherKey: string

beforeAll(async () => {
  first = await startReplay()
  second = await startReplay()
  weir = await startGateway({
    config: `
providers:
  first: { kind: openai, baseUrl: "${first.origin}/v1", credentials: [{ apiKey: env:KEY_1 }, { apiKey: env:KEY_2 }] }
  second: { kind: openai, baseUrl: "${second.origin}/v1", credentials: { apiKey: env:KEY_1 } }
  claude: { kind: anthropic, baseUrl: "${second.origin}", credentials: { apiKey: env:KEY_1 } }
models:
  smart: { targets: [{ provider: first, model: m }, { provider: second, model: m }] }
  alone: { targets: [{ provider: second, model: m }, { provider: claude, model: c }] }
  moved: { targets: [{ provider: claude, model: c }] }
`,
    env: { KEY_1: 'secret-1', KEY_2: 'secret-2' },
  })
  otherKey = await keyOf('other')
})

afterAll(async () => {
  await weir.close()
  await first.close()
  await second.close()
})

describe('a response that its provider has stored', () => {
  it('is built upon where it was made, with the credential it was made with, although another target comes first', async () => {
    first.answer(failure())
    second.answer(answer('resp_1'))
    expect((await ask({ input: 'Hello' })).status).toBe(200)
    first.forget()
    const before = first.seen.length
    second.answer(answer('resp_2'))
    const { status, headers } = await ask({ input: 'And now?', previous_response_id: 'resp_1' })
    expect([status, headers.get('x-weir-provider'), first.seen.length - before]).toEqual([200, 'second', 0])

    first.answer(answer('resp_3'))
    expect((await ask({ input: 'Hello' })).status).toBe(200)
    const usedKey = first.seen.at(-1)?.headers['authorization']
    for (const _ of Array.from({ length: 8 })) {
      first.answer(answer('resp_4'))
      expect((await ask({ input: 'On.', previous_response_id: 'resp_3' })).status).toBe(200)
      expect(first.seen.at(-1)?.headers['authorization']).toBe(usedKey)
    }
  })

  it('never fails over: the failure of its holder is told', async () => {
    const before = second.seen.length
    first.answer(failure(), failure(), failure())
    const { status } = await ask({ input: 'On.', previous_response_id: 'resp_3' })
    first.forget()
    expect([status, second.seen.length - before]).toEqual([503, 0])
  })

  it('is found by the names of its items, and after a stream', async () => {
    first.answer({ ...answer('resp_5'), body: Buffer.from(streamOf('resp_5')), headers: eventStream })
    await ask({ input: 'Hello', stream: true }).then((streamed) => streamed.text())
    first.answer(answer('resp_6'))
    const input = [
      { type: 'item_reference', id: 'msg_of_resp_5' },
      { role: 'user', content: 'On.' },
    ]
    const { status, headers } = await ask({ input })
    expect([status, headers.get('x-weir-provider')]).toEqual([200, 'first'])
  })

  it('is refused to another organisation, in the same words as one that nobody knows', async () => {
    const theirs = await ask({ input: 'On.', previous_response_id: 'resp_3' }, otherKey)
    const nobodys = await ask({ input: 'On.', previous_response_id: 'resp_0' }, otherKey)
    const told = [await problemOf(theirs), await problemOf(nobodys)]
    expect(told[0]).toMatchObject({ code: 'state_not_available', param: 'previous_response_id' })
    expect({ ...told[0], request_id: '' }).toEqual({ ...told[1], request_id: '' })
    expect([theirs.status, nobodys.status]).toEqual([400, 400])
    const thought = await ask({ input: [{ type: 'reasoning', id: 'rs_of_resp_3', summary: [] }] }, otherKey)
    expect(await problemOf(thought)).toMatchObject({ code: 'state_not_available', param: 'input[0].id' })
  })

  it('is not known when it was not stored', async () => {
    first.answer(answer('resp_7', { store: false }))
    await ask({ input: 'Hello', store: false })
    const { status } = await ask({ input: 'On.', previous_response_id: 'resp_7' })
    expect(status).toBe(400)
  })

  it('is not available where its holder does not serve the model', async () => {
    const moved = await ask({ input: 'On.', previous_response_id: 'resp_3' }, weir.key, 'moved')
    expect(await problemOf(moved)).toMatchObject({ code: 'state_not_available' })
  })

  it('a prompt that was made at the provider is asked for where it alone can be', async () => {
    const prompt = { id: 'pmpt_1' }
    const either = await ask({ prompt })
    expect(await problemOf(either)).toMatchObject({ code: 'state_not_available', param: 'prompt.id' })
    second.answer(answer('resp_8'))
    const { status, headers } = await ask({ prompt }, weir.key, 'alone')
    expect([status, headers.get('x-weir-provider')]).toEqual([200, 'second'])
  })
})

describe('after 30 days', () => {
  const dir = mkdtempSync(join(tmpdir(), 'weir-stored-'))
  afterAll(() => rmSync(dir, { recursive: true }))

  it('an answer is forgotten, and what it put into a conversation is not', async () => {
    let key = ''
    const lives = async (days: number, live: (told: typeof statusAt) => Promise<void>): Promise<void> => {
      const house = await startGateway({
        config: `
providers:
  first: { kind: openai, baseUrl: "${first.origin}/v1", credentials: { apiKey: env:KEY_1 } }
models:
  smart: { targets: [{ provider: first, model: m }] }
`,
        env: { KEY_1: 'secret-1' },
        clock: { ...systemClock, nowMs: () => systemClock.nowMs() + days * 86_400_000 },
        dir,
      })
      key ||= house.key
      const { dataOrigin } = house.gateway
      await live((path, body) => statusAt(path, body, dataOrigin, key))
      await house.close()
    }
    await lives(0, async (told) => {
      first.answer({ ...answer('conv_1'), body: Buffer.from('{"id":"conv_1","object":"conversation"}') })
      expect(await told('/v1/conversations', {})).toBe(200)
      first.answer(answer('resp_20', { conversation: { id: 'conv_1' } }))
      expect(await told('/v1/responses', { model: 'smart', input: 'Hello', conversation: 'conv_1' })).toBe(200)
    })
    // What is forgotten goes with the next that is kept.
    await lives(31, async (told) => {
      first.answer(answer('resp_21'))
      expect(await told('/v1/responses', { model: 'smart', input: 'Hello' })).toBe(200)
    })
    await lives(31, async (told) => {
      const item = { type: 'item_reference', id: 'msg_of_resp_20' }
      first.answer(answer('resp_22'))
      expect(await told('/v1/responses', { model: 'smart', input: [item] })).toBe(200)
      expect(await told('/v1/responses', { model: 'smart', input: 'On.', previous_response_id: 'resp_20' })).toBe(400)
    })
  })
})

async function statusAt(path: string, body: object, origin = '', key = ''): Promise<number> {
  const { status } = await fetch(`${origin}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return status
}

const eventStream = { 'content-type': 'text/event-stream' }

function ask(body: object, key: string = weir.key, model = 'smart'): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}/v1/responses`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, ...body }),
  })
}

async function problemOf(told: Response): Promise<Record<string, unknown>> {
  const { error } = (await told.json()) as { error: Record<string, unknown> }
  return error
}

function responseOf(id: string, more: object = {}): object {
  const message = { id: `msg_of_${id}`, type: 'message', role: 'assistant', content: [] }
  const thought = { id: `rs_of_${id}`, type: 'reasoning', summary: [] }
  const usage = { input_tokens: 3, output_tokens: 2, total_tokens: 5 }
  return { id, object: 'response', status: 'completed', model: 'm', output: [thought, message], usage, ...more }
}

function answer(id: string, more: object = {}) {
  const headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' }
  return { status: 200, headers, body: Buffer.from(JSON.stringify(responseOf(id, more))) }
}

function failure() {
  return { ...answer('none'), status: 503, body: Buffer.from('{"error":{"message":"busy"}}') }
}

function streamOf(id: string): string {
  const frame = (type: string, more: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`
  return [
    frame('response.created', { response: responseOf(id, { status: 'in_progress', output: [], usage: null }) }),
    frame('response.output_text.delta', { item_id: `msg_of_${id}`, output_index: 0, content_index: 0, delta: 'Hi' }),
    frame('response.completed', { response: responseOf(id) }),
  ].join('')
}

async function keyOf(organisation: string): Promise<string> {
  await weir.admin('/api/organisations', { method: 'POST', body: JSON.stringify({ name: organisation }) })
  const made = await weir.admin('/api/keys', { method: 'POST', body: JSON.stringify({ name: 'k', organisation }) })
  return ((await made.json()) as { key: string }).key
}
