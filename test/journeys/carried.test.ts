import { writeFileSync } from 'node:fs'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { costLines, readKeptDecision } from '../../src/canonical/decision.ts'
import { fixtureConfig, startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { turnedClock } from '../turned-clock.ts'
import { startKeeping, type KeepingProvider } from '../carried/keeping-provider.ts'

/** Files, batches and stored responses with the real SDK, over real sockets. Two tenants share one account at the provider. */
let provider: KeepingProvider
let weir: RunningGateway
let own: OpenAI
let other: OpenAI
let otherKey: string

beforeAll(async () => {
  provider = await startKeeping()
  weir = await startGateway({
    config: `
providers:
  open: { kind: openai, baseUrl: "${provider.origin}/v1", credentials: { apiKey: env:KEY }, reserve: { batches: { usd: "1.5", tokens: 5000 } },
    prices: { m: { input: "1000", output: "1000" } },
    native: [{ path: /v1/odd/*, methods: [POST], reserve: { usd: "0.25" } }, { path: /v1/undeclared, methods: [POST] }] }
  compatible: { kind: openai-compatible, baseUrl: "${provider.origin}/v1", credentials: { apiKey: env:KEY }, responses: true }
models:
  smart: { targets: [{ provider: open, model: m }] }
  plain: { targets: [{ provider: compatible, model: m }] }
guardrails:
  titan: { terms: [Project Titan], action: block, phases: [input] }
  hidden: { terms: [Project Mimas], action: mask, phases: [input] }
organisations:
  poor: { budgets: { all: { usd: "2" } } }
  hasty: { limits: { tpm: { tokens: 5000, per: minute } } }
  modest: { budgets: { all: { usd: "20" } } }
  divided: { budgets: { each: { usd: "20", by: model }, named: { calls: 5, by: model, missing: refuse, models: [smart] } } }
  named: { budgets: { each: { calls: 5, by: model, missing: refuse } } }
`,
    env: { KEY: 'secret-1' },
  })
  otherKey = await keyOf('other')
  own = clientOf(weir.key)
  other = clientOf(otherKey)
})

afterAll(async () => {
  await weir.close()
  await provider.close()
})

describe('stored responses', () => {
  it('are read, listed and deleted by whoever made them, and are nobody’s for others', async () => {
    const { id } = await own.responses.create({ model: 'smart', input: 'Hello' })
    expect((await own.responses.retrieve(id)).id).toBe(id)
    expect((await own.responses.inputItems.list(id)).data[0]?.id).toBe(`msg_in_${id}`)
    const input = [{ type: 'item_reference' as const, id: `msg_in_${id}` }]
    expect((await own.responses.create({ model: 'smart', input })).status).toBe('completed')
    expect(await problemOf(other.responses.create({ model: 'smart', input }))).toMatchObject({ status: 400 })
    const foreign = await problemOf(other.responses.retrieve(id))
    const unknown = await problemOf(other.responses.retrieve(id.replace(/\d+$/, '999')))
    expect(foreign).toMatchObject({ status: 404, code: 'object_not_found' })
    expect(foreign.message.replace(id, 'ID')).toBe(unknown.message.replace(id.replace(/\d+$/, '999'), 'ID'))
    for (const tried of [other.responses.delete(id), other.responses.cancel(id), other.responses.inputItems.list(id)])
      expect(await problemOf(tried)).toMatchObject({ status: 404 })
    await own.responses.delete(id)
    expect(await problemOf(own.responses.retrieve(id))).toMatchObject({ status: 404 })
  })
})

it('a response of a provider that carries nothing says so', async () => {
  const { id } = await own.responses.create({ model: 'plain', input: 'Hello' })
  expect(await problemOf(own.responses.retrieve(id))).toMatchObject({
    code: 'state_not_available',
    message: expect.stringContaining('carries no such paths'),
  })
})

describe('files', () => {
  it('are sent, read, listed, loaded and deleted', async () => {
    const file = await own.files.create({
      file: await toFile(Buffer.from('a,b\n1,2\n'), 'data.csv'),
      purpose: 'user_data',
    })
    expect((await own.files.retrieve(file.id)).id).toBe(file.id)
    expect(await (await own.files.content(file.id)).text()).toBe('a,b\n1,2\n')
    expect((await own.files.list()).data.map(({ id }) => id)).toContain(file.id)
    expect((await other.files.list()).data).toEqual([])
    expect(await problemOf(other.files.content(file.id))).toMatchObject({ status: 404 })
    expect(await problemOf(other.files.list({ after: file.id }).then((page) => page))).toMatchObject({ status: 404 })
    expect((await own.files.delete(file.id)).deleted).toBe(true)
    expect(await problemOf(own.files.retrieve(file.id))).toMatchObject({ status: 404 })
  })

  it('are listed page by page, the newest first, without those that the provider has forgotten', async () => {
    const ids: string[] = []
    for (const name of ['a', 'b', 'c'])
      ids.unshift((await own.files.create({ file: await toFile(Buffer.from(name), name), purpose: 'user_data' })).id)
    const page = await own.files.list({ limit: 2 })
    expect([page.data.map(({ id }) => id), page.has_more]).toEqual([ids.slice(0, 2), true])
    provider.lose(ids[0] ?? '')
    const all: string[] = []
    for await (const { id } of own.files.list({ limit: 2 })) all.push(id)
    expect(all.slice(0, 2)).toEqual(ids.slice(1))
  })

  it('of one purpose fill the pages that ask for it', async () => {
    const asker = clientOf(await keyOf('asker'))
    const input = await inputOf(asker, 'smart')
    const plain = await toFile(Buffer.from('x'), 'x')
    for (let count = 0; count < 3; count++) await asker.files.create({ file: plain, purpose: 'user_data' })
    const lost = await asker.files.create({ file: plain, purpose: 'user_data' })
    provider.lose(lost.id)
    const page = await asker.files.list({ purpose: 'batch', limit: 1 })
    expect([page.data.map(({ id }) => id), page.has_more]).toEqual([[input], false])
  })

  it('are listed without those of a credential that is not in the config any more', async () => {
    const config = (credentials: string) => `
providers:
  open: { kind: openai, baseUrl: "${provider.origin}/v1", credentials: ${credentials} }
models:
  smart: { targets: [{ provider: open, model: m }] }
`
    const both = config('[{ apiKey: env:STAYS }, { apiKey: env:GOES }]')
    const turned = await startGateway({ config: both, env: { STAYS: 'secret-1', GOES: 'secret-2' } })
    try {
      const client = clientOf(turned.key, turned)
      const made = new Map<string, string>()
      while (new Set(made.values()).size < 2) {
        const { id } = await client.files.create({ file: await toFile(Buffer.from('x'), 'x'), purpose: 'user_data' })
        made.set(id, provider.seen.at(-1)?.headers.authorization ?? '')
      }
      writeFileSync(turned.configFile, fixtureConfig(config('[{ apiKey: env:STAYS }]'), turned.dir))
      expect(await turned.gateway.reload()).toMatchObject({ isTaken: true })
      const left = [...made].filter(([, secret]) => secret.endsWith('secret-1')).map(([id]) => id)
      const listed = await client.files.list({ limit: left.length })
      expect(listed.data.map(({ id }) => id)).toEqual(left.toReversed())
    } finally {
      await turned.close()
    }
  })

  it('are recorded as calls that cost nothing', async () => {
    const before = weir.finished.length
    await own.files.list({ limit: 1 })
    await weir.ended(before + 1)
    const [ended] = weir.finished.slice(before)
    expect(ended?.records[0]).toMatchObject({
      operation: 'carried',
      costNanos: 0n,
      inputUncached: 0,
      usageSource: 'provider',
    })
  })
})

describe('what else is kept', () => {
  const fileOf = async (client: OpenAI) =>
    (await client.files.create({ file: await toFile(Buffer.from('text'), 'a.txt'), purpose: 'user_data' })).id

  it('a vector store holds files of its owner, is searched, named in a response and listed', async () => {
    const file = await fileOf(own)
    const store = await own.vectorStores.create({ name: 'docs', file_ids: [file] })
    expect(provider.seen.at(-1)?.headers['openai-beta']).toBe('assistants=v2')
    await own.vectorStores.files.create(store.id, { file_id: file })
    await own.vectorStores.files.list(store.id, { limit: 5 })
    expect(provider.seen.at(-1)?.path).toBe(`/v1/vector_stores/${store.id}/files?limit=5`)
    await own.vectorStores.search(store.id, { query: 'text' })
    expect((await own.vectorStores.list()).data.map(({ id }) => id)).toEqual([store.id])
    const tools = [{ type: 'file_search' as const, vector_store_ids: [store.id] }]
    expect((await own.responses.create({ model: 'smart', input: 'Hello', tools })).status).toBe('completed')
    const before = provider.seen.length
    const refused = [
      other.vectorStores.search(store.id, { query: 'text' }),
      other.vectorStores.create({ file_ids: [file] }),
      other.vectorStores.fileBatches.create(store.id, { file_ids: [file] }),
    ]
    for (const tried of refused) expect(await problemOf(tried)).toMatchObject({ status: 404, code: 'object_not_found' })
    const named = other.responses.create({ model: 'smart', input: 'Hello', tools })
    expect(await problemOf(named)).toMatchObject({
      status: 400,
      code: 'state_not_available',
      param: 'tools[0].vector_store_ids[0]',
    })
    expect(provider.seen.length).toBe(before)
    await own.vectorStores.files.delete(file, { vector_store_id: store.id })
    expect((await own.vectorStores.retrieve(store.id)).id).toBe(store.id)
    await own.vectorStores.delete(store.id)
    expect(await problemOf(own.vectorStores.retrieve(store.id))).toMatchObject({ status: 404 })
  })

  it('a container takes files in a form and by their names, and a conversation takes items', async () => {
    const file = await fileOf(own)
    const container = await own.containers.create({ name: 'box' })
    await own.containers.files.create(container.id, { file: await toFile(Buffer.from('x'), 'x.txt') })
    expect(provider.seen.at(-1)?.body.toString()).toContain('filename="x.txt"')
    await own.containers.files.create(container.id, { file_id: file })
    const foreign = other.containers.files.create(container.id, { file_id: await fileOf(other) })
    expect(await problemOf(foreign)).toMatchObject({ status: 404 })
    const conversation = await own.conversations.create({ items: [{ type: 'message', role: 'user', content: 'Hi' }] })
    await own.responses.create({ model: 'smart', input: 'Hello', conversation: conversation.id })
    const content = [{ type: 'input_file' as const, file_id: file }]
    const items = [{ type: 'message' as const, role: 'user' as const, content }]
    const added = await own.conversations.items.create(conversation.id, { items })
    const listed = await own.conversations.items.list(conversation.id)
    for (const { id } of [...added.data, ...listed.data].filter((item) => 'id' in item)) {
      const input = [{ type: 'item_reference' as const, id: String(id) }]
      expect((await own.responses.create({ model: 'smart', input })).status).toBe('completed')
      expect(await problemOf(other.responses.create({ model: 'smart', input }))).toMatchObject({
        status: 400,
        code: 'state_not_available',
      })
    }
    expect(await problemOf(other.conversations.create({ items }))).toMatchObject({
      status: 404,
      code: 'object_not_found',
    })
    const asked = other.responses.create({ model: 'smart', input: 'Hello', conversation: conversation.id })
    expect(await problemOf(asked)).toMatchObject({ status: 400, code: 'state_not_available' })
  })

  it.each([
    ['in a field of the form', { purpose: 'user_data', api_base: 'http://evil.example' }, 'text'],
    ['in a line of a batch', { purpose: 'batch' }, '{"url":"/v1/responses","api_key":"x","body":{"model":"smart"}}'],
  ])('L3: no upload says where it goes, or with which key, %s', async (_, fields, content) => {
    const before = provider.seen.length
    const body = formOf(fields)
    body.append('file', new File([content], 'x.jsonl'))
    const headers = { authorization: `Bearer ${weir.key}` }
    const refused = await fetch(`${weir.gateway.dataOrigin}/v1/files`, { method: 'POST', headers, body })
    expect([refused.status, provider.seen.length - before]).toEqual([400, 0])
    expect(await refused.text()).toContain('only the gateway')
  })

  it('a file that is sent in parts is its sender’s when it is whole', async () => {
    const upload = await own.uploads.create({
      bytes: 4,
      filename: 'a.txt',
      mime_type: 'text/plain',
      purpose: 'user_data',
    })
    const part = await own.uploads.parts.create(upload.id, { data: await toFile(Buffer.from('text'), 'part') })
    expect(await problemOf(other.uploads.complete(upload.id, { part_ids: [part.id] }))).toMatchObject({ status: 404 })
    const { file } = await own.uploads.complete(upload.id, { part_ids: [part.id] })
    expect((await own.files.retrieve(file?.id ?? '')).id).toBe(file?.id)
    expect(await problemOf(other.files.retrieve(file?.id ?? ''))).toMatchObject({ status: 404 })
    const batch = own.batches.create({
      input_file_id: file?.id ?? '',
      endpoint: '/v1/responses',
      completion_window: '24h',
    })
    expect(await problemOf(batch)).toMatchObject({ status: 400, code: 'invalid_request' })
  })

  it('is refused under a budget in dollars where nothing is declared for it', async () => {
    const poor = clientOf(await keyOf('poor', true))
    expect(await problemOf(poor.vectorStores.create({}))).toMatchObject({ status: 400, code: 'unsupported' })
  })
})

describe('batches', () => {
  it('take an input of the caller’s own, whose calls are judged and worded line by line', async () => {
    const input = await inputOf(own, 'smart')
    const sent = provider.seen.at(-1)?.body.toString() ?? ''
    expect(sent).toContain('"model":"m"')
    expect(await problemOf(batchOf(other, input))).toMatchObject({ status: 404, param: 'input_file_id' })
    const batch = await batchOf(own, input)
    expect(batch.input_file_id).toBe(input)
    expect((await own.batches.list()).data.map(({ id }) => id)).toContain(batch.id)
    expect((await other.batches.list()).data).toEqual([])
    expect(await problemOf(other.batches.cancel(batch.id))).toMatchObject({ status: 404 })
    expect((await own.batches.cancel(batch.id)).status).toBe('cancelling')
  })

  it('give the files that they have written to whoever made them', async () => {
    const batch = await batchOf(own, await inputOf(own, 'smart'))
    const written = await own.files.create({ file: await toFile(Buffer.from('x'), 'x'), purpose: 'user_data' })
    provider.change(batch.id, { status: 'completed', output_file_id: written.id })
    expect((await own.batches.retrieve(batch.id)).output_file_id).toBe(written.id)
    expect(await (await own.files.content(written.id)).text()).toBe('x')
    expect(await problemOf(other.files.content(written.id))).toMatchObject({ status: 404 })
  })

  it('are refused with a model that nobody permitted, a path that is not judged, and an input that is no batch’s', async () => {
    expect(await problemOf(inputOf(own, 'gpt-9'))).toMatchObject({ status: 404, code: 'model_not_found' })
    expect(await problemOf(inputOf(own, 'smart', '/v1/images/generations'))).toMatchObject({ code: 'unsupported' })
    const plain = await own.files.create({ file: await toFile(Buffer.from('x'), 'x'), purpose: 'user_data' })
    expect(await problemOf(batchOf(own, plain.id))).toMatchObject({ status: 400, code: 'invalid_request' })
  })

  it('have every call looked at by guardrails, and none that they would change', async () => {
    const of = (said: string) => problemOf(inputOf(own, 'smart', '/v1/responses', said))
    const before = provider.seen.length
    expect(await of('Tell me of Project Titan')).toMatchObject({ status: 403, code: 'guardrail_blocked' })
    expect(await of('Tell me of Project Mimas')).toMatchObject({ status: 400, code: 'unsupported' })
    expect(provider.seen.length).toBe(before)
  })

  it('reach the provider byte for byte, but for the name of the model', async () => {
    const line = (model: string) => `{"custom_id":"1", "method":"POST","url":"/v1/responses","body":${oddCall(model)}}`
    const sent = await sendInput(`${line('smart')}\n${line('smart')}`)
    expect([sent.status, provider.seen.at(-1)?.body.toString()]).toEqual([
      200,
      expect.stringContaining(`\r\n\r\n${line('m')}\n${line('m')}\r\n`),
    ])
  })

  it('have what stands around their calls looked at by guardrails', async () => {
    const before = provider.seen.length
    const body = { model: 'smart', input: 'Hello' }
    const line = { custom_id: 'Project Titan', method: 'POST', url: '/v1/responses', body }
    const refused = await sendInput(JSON.stringify(line))
    expect([refused.status, await refused.json()]).toMatchObject([403, { error: { code: 'guardrail_blocked' } }])
    expect(provider.seen.length).toBe(before)
  })

  it('draw what is declared on the budgets above them, and no more batches than there is room for', async () => {
    const poor = clientOf(await keyOf('poor', true))
    const input = await inputOf(poor, 'smart')
    expect((await batchOf(poor, input)).status).toBe('validating')
    expect(await problemOf(batchOf(poor, input))).toMatchObject({ status: 429, code: 'budget_exceeded' })
  })
})

describe('a batch that has ended', () => {
  it('is counted at half of what its calls would cost, once, in place of what was declared', async () => {
    const batch = await batchOf(own, await inputOf(own, 'smart'))
    const costs = async (): Promise<readonly (bigint | undefined)[]> => {
      const before = weir.finished.length
      await own.batches.retrieve(batch.id)
      await weir.ended(before + 1)
      return (weir.finished[before]?.records ?? []).map(({ costNanos }) => costNanos)
    }
    expect(await costs()).toEqual([0n])
    const usage = { input_tokens: 600, output_tokens: 400, total_tokens: 1000 }
    provider.change(batch.id, { status: 'completed', model: 'm', usage })
    // 1,000 tokens at 1,000 dollars a million are a dollar; half of it, less the 1.50 that was declared.
    expect(await costs()).toEqual([0n, -1_000_000_000n])
    expect(await costs()).toEqual([0n])
  })

  it('counts under the model that it asked, at its price, and what was declared is not told as used', async () => {
    const before = weir.finished.length
    const batch = await batchOf(own, await inputOf(own, 'smart'))
    const usage = { input_tokens: 600, output_tokens: 400, total_tokens: 1000 }
    provider.change(batch.id, { status: 'completed', model: 'm', usage })
    await own.batches.retrieve(batch.id)
    await weir.ended(before + 3)
    const [made, settled] = weir.finished
      .slice(before)
      .flatMap(({ records }) => records)
      .filter(({ costNanos }) => costNanos !== 0n)
    const ofModel = { catalogModel: 'smart', targetModel: 'm' }
    expect(made).toMatchObject({ ...ofModel, costNanos: 1_500_000_000n, priceVersion: 'declared', inputUncached: 0 })
    expect(settled).toMatchObject({
      ...ofModel,
      priceVersion: 'config/open/m-50%, served as batch',
      inputUncached: 600,
      outputText: 400,
    })
    // 0.0005 dollars a token, and the 1.50 that were declared.
    const { rates } = readKeptDecision(settled?.decision ?? '')
    expect(rates).toEqual({ inputUncached: '500', outputText: '500', takenOff: '-1500000' })
    const nanos = settled && costLines(settled, rates ?? {}).reduce((sum, line) => sum + Number(line.nanos), 0)
    expect(nanos).toBe(Number(settled?.costNanos))
    const order = { from: '2020-01-01', until: '2100-01-01', isDryRun: true }
    const rerated = await weir.admin('/api/prices/rerate', { method: 'POST', body: JSON.stringify(order) })
    expect(await rerated.json()).toMatchObject({ adjusted: 0 })
  })

  it('that told nothing used, since nothing in it was answered, costs nothing', async () => {
    const batch = await batchOf(own, await inputOf(own, 'smart'))
    const before = weir.finished.length
    provider.change(batch.id, { status: 'failed', request_counts: { total: 1, completed: 0, failed: 1 } })
    await own.batches.retrieve(batch.id)
    await weir.ended(before + 1)
    expect(weir.finished[before]?.records[1]).toMatchObject({ costNanos: -1_500_000_000n, inputUncached: 0 })
  })

  it.each([
    ['', 'm', false],
    [', whoever of its organisation saw that first', 'm', true],
    [', at the price of its model whatever the answers call it', 'm-2026-01-01', false],
  ])('that does not tell is counted once its output is read%s', async (_, model, isSeenFirst) => {
    const batch = await batchOf(own, await inputOf(own, 'smart'))
    const body = {
      object: 'chat.completion',
      model,
      choices: [],
      usage: { prompt_tokens: 600, completion_tokens: 400, total_tokens: 1000 },
    }
    const lines = [
      { response: { status_code: 200, body } },
      { response: { status_code: 500, body: {} } },
      { response: { status_code: 200, body } },
    ]
    const written = provider.makeFile(lines.map((line) => JSON.stringify(line)).join('\n'))
    provider.change(batch.id, {
      status: 'completed',
      output_file_id: written,
      request_counts: { total: 3, completed: 2, failed: 1 },
    })
    const costs = async (reader: OpenAI) => {
      const before = weir.finished.length
      await (await reader.files.content(written)).text()
      await weir.ended(before + 1)
      return (weir.finished[before]?.records ?? []).map(({ costNanos }) => costNanos)
    }
    const mate = clientOf(await keyOf('default'))
    if (isSeenFirst) await mate.batches.list()
    await own.batches.retrieve(batch.id)
    expect([await costs(mate), await costs(own), await costs(own)]).toEqual([[0n], [0n, -500_000_000n], [0n]])
  })

  it('fills no limits on tokens: what it used was used long before anybody looks', async () => {
    const hasty = clientOf(await keyOf('hasty', true))
    const batch = await batchOf(hasty, await inputOf(hasty, 'smart'))
    const usage = { input_tokens: 60_000, output_tokens: 40_000, total_tokens: 100_000 }
    provider.change(batch.id, { status: 'completed', model: 'm', usage })
    const before = weir.finished.length
    await hasty.batches.retrieve(batch.id)
    await weir.ended(before + 1)
    expect(weir.finished[before]?.records[1]).toMatchObject({ inputUncached: 60_000 })
    const answer = await hasty.responses.create({ model: 'smart', input: 'Hello', max_output_tokens: 10 })
    expect(answer.status).toBe('completed')
  })

  it('draws on budgets for what it came to beyond that, and gives them back what it did not, once', async () => {
    const keyed = clientOf(await keyOf('modest', true))
    const spentAfter = async (tokens: number): Promise<string | undefined> => {
      const batch = await batchOf(keyed, await inputOf(keyed, 'smart'))
      const usage = { input_tokens: tokens, output_tokens: 0, total_tokens: tokens }
      provider.change(batch.id, { status: 'completed', model: 'm', usage })
      await keyed.batches.retrieve(batch.id)
      await keyed.batches.retrieve(batch.id)
      const told = await keyed.get<{ data: { spent: string }[] }>('/budget')
      return told.data[0]?.spent
    }
    expect(await spentAfter(1_000)).toBe('0.500000000')
    expect(await spentAfter(5_000)).toBe('3.000000000')
    const history = await weir.admin('/api/audit?limit=100')
    expect(await history.text()).toContain('budget.give-back')
  })
})

describe('a batch that has come to more than was declared', () => {
  it('I3: is drawn on every budget, also where its time is over and where it counts by what its reader does not say', async () => {
    const clock = turnedClock()
    const timed = await startGateway({
      config: `
providers:
  open: { kind: openai, baseUrl: "${provider.origin}/v1", credentials: { apiKey: env:KEY }, reserve: { batches: { usd: "0.1" } },
    prices: { m: { input: "1000", output: "1000" } } }
models:
  smart: { targets: [{ provider: open, model: m }] }
organisations:
  timed: { budgets: { dollars: { usd: "50" }, time: { seconds: 60 }, runs: { calls: 10, by: run, missing: refuse } } }
`,
      env: { KEY: 'secret-1' },
      clock,
    })
    try {
      const key = await keyOf('timed', true, timed)
      const maker = clientOf(key, timed, { 'x-weir-run-id': 'r1' })
      const batch = await batchOf(maker, await inputOf(maker, 'smart'))
      const usage = { input_tokens: 6_000, output_tokens: 0, total_tokens: 6_000 }
      provider.change(batch.id, { status: 'completed', model: 'm', usage })
      clock.turn(60_000)
      const reader = clientOf(key, timed)
      const spent = async () => {
        await reader.batches.retrieve(batch.id)
        const told = await reader.get<{ data: { budget: string; spent: string; held: string }[] }>('/budget')
        return told.data.find(({ budget }) => budget === 'dollars')
      }
      const once = { spent: '3.000000000', held: '0.000000000' }
      expect([await spent(), await spent()]).toMatchObject([once, once])
    } finally {
      await timed.close()
    }
  })
})

describe('paths of a provider’s own', () => {
  const send = (body: string | FormData | Buffer<ArrayBuffer>, type: string | undefined) =>
    fetch(`${weir.gateway.dataOrigin}/native/open/v1/odd/thing`, {
      method: 'POST',
      headers: { authorization: `Bearer ${weir.key}`, ...(type !== undefined && { 'content-type': type }) },
      body,
    })
  const ask = (path: string, key = weir.key, method = 'POST') =>
    fetch(`${weir.gateway.dataOrigin}/native/${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(method === 'POST' && { body: '{}' }),
    })

  it('are carried where the config opens them, and counted as their answer says', async () => {
    const before = weir.finished.length
    const answer = await ask('open/v1/odd/thing?x=1')
    expect([answer.status, await answer.json()]).toMatchObject([200, { asked: '/v1/odd/thing' }])
    expect(provider.seen.at(-1)?.headers['authorization']).toBe('Bearer secret-1')
    await weir.ended(before + 1)
    const [record] = weir.finished[before]?.records ?? []
    expect(record).toMatchObject({ inputUncached: 30, outputText: 20, usageSource: 'provider', costNanos: 50_000_000n })
  })

  it.each([
    ['another path', 'open/v1/other'],
    ['a way around', 'open/v1/odd/../files'],
    ['an escaped way around', 'open/v1/odd/%2e%2e/files'],
    ['an unknown provider', 'none/v1/odd/thing'],
    ['another method', 'open/v1/odd/thing', 'GET'],
  ])('are no endpoint otherwise: %s', async (_, path, method = 'POST') => {
    const before = provider.seen.length
    expect([(await ask(path, weir.key, method)).status, provider.seen.length - before]).toEqual([404, 0])
  })

  it('count in an account of their own where a budget has one for each model, or are refused if it says so', async () => {
    const key = await keyOf('divided', true)
    const before = weir.finished.length
    expect((await ask('open/v1/odd/thing', key)).status).toBe(200)
    await weir.ended(before + 1)
    const told = await fetch(`${weir.gateway.dataOrigin}/v1/budget`, { headers: { 'x-api-key': key } })
    expect([told.status, await told.json()]).toMatchObject([200, { data: [{ budget: 'each', spent: '0.050000000' }] }])
    const all = await weir.admin('/api/budgets?organisation=divided&name=each')
    expect([all.status, await all.json()]).toMatchObject([200, { items: [{ spent: '0.050000000' }] }])
    const refused = await ask('open/v1/odd/thing', await keyOf('named', true))
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('calls that name a model')])
  })

  it.each([['?key=x'], ['?%6bey=x'], ['?a=1&access%5Ftoken=x'], ['?Access_Token=x'], ['?api-key=x']])(
    'L1: are refused with a key in the URL: %s',
    async (query) => {
      const before = provider.seen.length
      expect([(await ask(`open/v1/odd/thing${query}`)).status, provider.seen.length - before]).toEqual([401, 0])
      const listed = await fetch(`${weir.gateway.dataOrigin}/v1/files${query}`, {
        headers: { authorization: `Bearer ${weir.key}` },
      })
      expect(listed.status).toBe(401)
    },
  )

  it.each<[string, string | undefined, string | FormData | Buffer<ArrayBuffer>]>([
    ['JSON', 'application/json', '{"input":{"api_base":"http://evil.example"}}'],
    ['JSON with an escape', 'application/json', String.raw`{"\u0061pi_key":"x"}`],
    ['JSON that says it twice', 'application/json', '{"a":{"api_key":"x"},"a":1}'],
    ['JSON that is said to be text', 'text/plain', ' {"api_base":"http://evil.example"}'],
    ['a list', 'text/plain', '[{"a":1},{"api_base":"http://evil.example"}]'],
    ['a list that says it is JSON', 'application/json', '[1]'],
    ['JSON behind a byte order mark', 'text/plain', '\ufeff{"api_base":"http://evil.example"}'],
    ['JSON in UTF-16', undefined, Buffer.from('\ufeff{"api_base":"http://evil.example"}', 'utf16le')],
    ['fields of a page', 'application/x-www-form-urlencoded', 'a=1&api%5Fbase=http://evil.example'],
    ['a form', undefined, formOf({ 'extra_body[api_base]': 'http://evil.example' })],
  ])('L3: cannot be told where to go, or with which key, by %s', async (_, type, body) => {
    const before = provider.seen.length
    expect([(await send(body, type)).status, provider.seen.length - before]).toEqual([400, 0])
  })

  it.each<[string, string | undefined, string | FormData]>([
    ['JSON whose metadata and schemas say it', 'application/json', freeBody],
    ['lines of JSON', 'application/jsonl', '{"a":1}\n{"b":2}\n'],
    ['bytes', 'application/octet-stream', '\u0000{'],
    ['a form', undefined, formOf({ note: 'api_base' })],
  ])('are sent %s as they are', async (_, type, body) => {
    expect((await send(body, type)).status).toBe(200)
    if (typeof body === 'string') expect(provider.seen.at(-1)?.body.toString()).toBe(body)
  })

  it('are refused under a budget in dollars where nothing is declared for them', async () => {
    const refused = await ask('open/v1/undeclared', await keyOf('poor', true))
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('declare')])
  })
})

const schema = { type: 'object', properties: { api_key: { type: 'string' } } }
const freeBody = JSON.stringify({
  tools: [{ type: 'function', function: { name: 'f', parameters: schema } }],
  metadata: { base_url: 'x' },
})

function formOf(fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  return form
}

function clientOf(apiKey: string, at = weir, defaultHeaders: Readonly<Record<string, string>> = {}): OpenAI {
  return new OpenAI({ apiKey, baseURL: `${at.gateway.dataOrigin}/v1`, maxRetries: 0, defaultHeaders })
}

async function inputOf(client: OpenAI, model: string, url = '/v1/responses', said = 'Hello'): Promise<string> {
  const line = { custom_id: '1', method: 'POST', url, body: { model, input: said } }
  const file = await toFile(Buffer.from(`${JSON.stringify(line)}\n`), 'input.jsonl')
  return (await client.files.create({ file, purpose: 'batch' })).id
}

function sendInput(lines: string): Promise<Response> {
  const body = new FormData()
  body.set('purpose', 'batch')
  body.set('file', new Blob([lines]), 'input.jsonl')
  const headers = { authorization: `Bearer ${weir.key}` }
  return fetch(`${weir.gateway.dataOrigin}/v1/files`, { method: 'POST', headers, body })
}

/** With what a parser would write otherwise. */
function oddCall(model: string): string {
  return `{"model":"${model}","input":"x","max_output_tokens":1e1,"tools":[{"type":"function","name":"f","parameters":{"b":9223372036854775807,"10":1.0,"9":"\\u0041"}}]}`
}

function batchOf(client: OpenAI, input: string) {
  return client.batches.create({ input_file_id: input, endpoint: '/v1/responses', completion_window: '24h' })
}

async function problemOf(tried: PromiseLike<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  try {
    await tried
  } catch (thrown) {
    if (thrown instanceof OpenAI.APIError) return thrown
    throw thrown
  }
  throw new Error('it was not refused')
}

async function keyOf(organisation: string, isThere = false, at = weir): Promise<string> {
  if (!isThere) await at.admin('/api/organisations', { method: 'POST', body: JSON.stringify({ name: organisation }) })
  const made = await at.admin('/api/keys', { method: 'POST', body: JSON.stringify({ name: 'k', organisation }) })
  return ((await made.json()) as { key: string }).key
}
