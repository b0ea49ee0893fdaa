import Anthropic, { toFile } from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startKeeping, type KeepingProvider } from '../carried/keeping-provider.ts'

/** The same with the real SDKs of Anthropic and Google. */
let provider: KeepingProvider
let weir: RunningGateway
let claude: Anthropic
let google: GoogleGenAI

beforeAll(async () => {
  provider = await startKeeping()
  weir = await startGateway({
    config: `
providers:
  claude: { kind: anthropic, baseUrl: "${provider.origin}", credentials: { apiKey: env:KEY }, reserve: { batches: { usd: "1.5" } },
    prices: { c: { input: "1000", output: "1000" } } }
  google: { kind: gemini, baseUrl: "${provider.origin}", credentials: { apiKey: env:KEY }, reserve: { batches: { usd: "1.5" } },
    prices: { g: { input: "1000", output: "1000" } } }
models:
  wise: { targets: [{ provider: claude, model: c }] }
  swift: { targets: [{ provider: google, model: g }] }
guardrails:
  titan: { terms: [Project Titan], action: block, phases: [input] }
`,
    env: { KEY: 'secret-1' },
  })
  claude = new Anthropic({ apiKey: weir.key, baseURL: weir.gateway.dataOrigin, maxRetries: 0 })
  google = new GoogleGenAI({ apiKey: weir.key, httpOptions: { baseUrl: weir.gateway.dataOrigin } })
})

afterAll(async () => {
  await weir.close()
  await provider.close()
})

describe('Anthropic', () => {
  it('files are sent, listed, loaded, named in a message and deleted', async () => {
    const file = await claude.beta.files.upload({
      file: await toFile(Buffer.from('a,b\n'), 'data.csv', { type: 'text/csv' }),
    })
    expect((await claude.beta.files.list()).data.map(({ id }) => id)).toEqual([file.id])
    expect(await (await claude.beta.files.download(file.id)).text()).toBe('a,b\n')
    const content = [{ type: 'document', source: { type: 'file', file_id: file.id } }] as const
    const told = await claude.beta.messages.create({
      model: 'wise',
      max_tokens: 5,
      messages: [{ role: 'user', content: [...content] }],
    })
    expect(told.stop_reason).toBe('end_turn')
    expect((await claude.beta.files.delete(file.id)).id).toBe(file.id)
    await expect(claude.beta.files.retrieveMetadata(file.id)).rejects.toMatchObject({ status: 404 })
  })

  it('a file that code has written is loaded and named by whoever was answered', async () => {
    const params = { model: 'wise', max_tokens: 5 }
    const tools = [{ type: 'code_execution_20250825' as const, name: 'code_execution' as const }]
    const answer = await claude.beta.messages.create({
      ...params,
      tools,
      messages: [{ role: 'user', content: 'Plot it' }],
    })
    const id = /"file_id":"([^"]*)"/.exec(JSON.stringify(answer.content))?.[1] ?? ''
    expect(await (await claude.beta.files.download(id)).text()).toBe('written')
    const document = { type: 'document' as const, source: { type: 'file' as const, file_id: id } }
    const named = claude.beta.messages.create({ ...params, messages: [{ role: 'user', content: [document] }] })
    expect((await named).role).toBe('assistant')
  })

  it('batches are made of calls with the names that models have here, and are read, cancelled and listed', async () => {
    const params = { model: 'wise', max_tokens: 5, messages: [{ role: 'user' as const, content: 'Hello' }] }
    const batch = await claude.messages.batches.create({ requests: [{ custom_id: '1', params }] })
    expect(JSON.parse(provider.seen.at(-1)?.body.toString() ?? '')).toMatchObject({
      requests: [{ params: { model: 'c' } }],
    })
    expect((await claude.messages.batches.retrieve(batch.id)).processing_status).toBe('in_progress')
    expect((await claude.messages.batches.list()).data.map(({ id }) => id)).toEqual([batch.id])
    expect((await claude.messages.batches.cancel(batch.id)).id).toBe(batch.id)
    const mixed = [params, { ...params, model: 'swift' }].map((one, place) => ({
      custom_id: String(place),
      params: one,
    }))
    await expect(claude.messages.batches.create({ requests: mixed })).rejects.toMatchObject({ status: 400 })
  })
})

const stranger = {
  parts: [{ fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/stranger' } }],
}

describe('a batch of either', () => {
  const [messages, contents] = ['"messages":[{"role":"user","content":"hi"}]', '"contents":[{"parts":[{"text":"hi"}]}]']
  const odd = (member: string) => `"tools":[{"name":"f","${member}":{"b":9223372036854775807,"10":1.0,"9":"\\u0041"}}]`
  const anthropic = { path: '/v1/messages/batches', headers: { 'anthropic-version': '2023-06-01' } }
  const gemini = { path: '/v1beta/models/swift:batchGenerateContent', headers: {} }
  const ofGemini = (call: string, about = '') =>
    `{"batch":{${about}"input_config":{"requests":{"requests":[{"metadata":{"key":12345678901234567890},"request":${call}} ]}}}}`

  it.each([
    [
      'Anthropic',
      anthropic,
      (model: string) =>
        `{"requests" : [ {"custom_id":"1","params":{"model":"${model || 'wise'}","max_tokens":5,${messages},${odd('input_schema')}}} ]}`,
      'c',
    ],
    [
      'Google',
      gemini,
      (model: string) =>
        ofGemini(
          `{"model":"models/${model || 'swift'}",${contents},${odd('x')}}`,
          `"model":"models/${model || 'swift'}",`,
        ),
      'g',
    ],
  ])('reaches %s byte for byte, but for the name of its model', async (_, to, bodyOf, there) => {
    const sent = await sendBatch(to, bodyOf(''))
    expect([sent.status, provider.seen.at(-1)?.body.toString()]).toEqual([200, bodyOf(there)])
  })

  it.each([
    [
      'custom_id',
      anthropic,
      `{"requests":[{"custom_id":"Project Titan","params":{"model":"wise","max_tokens":5,${messages}}}]}`,
    ],
    ['metadata', gemini, ofGemini(`{${contents}}`).replace('12345678901234567890', '"Project Titan"')],
    ['displayName', gemini, ofGemini(`{${contents}}`, '"displayName":"Project Titan",')],
  ])('has its %s looked at by guardrails', async (_, to, body) => {
    const before = provider.seen.length
    const refused = await sendBatch(to, body)
    expect([refused.status, await refused.text(), provider.seen.length]).toEqual([
      403,
      expect.stringContaining('titan'),
      before,
    ])
  })

  it('names no file of somebody else’s in its calls', async () => {
    const before = provider.seen.length
    const refused = await sendBatch(gemini, ofGemini(JSON.stringify({ contents: [stranger] })))
    expect([refused.status, provider.seen.length]).toEqual([404, before])
  })
})

function sendBatch(
  { path, headers }: { readonly path: string; readonly headers: Readonly<Record<string, string>> },
  body: string,
): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}${path}`, {
    method: 'POST',
    headers: { 'x-api-key': weir.key, 'content-type': 'application/json', ...headers },
    body,
  })
}

describe('results of a batch of Anthropic’s', () => {
  const params = { model: 'wise', max_tokens: 5, messages: [{ role: 'user' as const, content: 'Hello' }] }
  const lineOf = (result: object) => JSON.stringify({ custom_id: '1', result })
  const answer = lineOf({
    type: 'succeeded',
    message: { model: 'c', content: [], usage: { input_tokens: 600, output_tokens: 400 } },
  })
  const read = async (id: string) => {
    const before = weir.finished.length
    const heard: unknown[] = []
    for await (const line of await claude.messages.batches.results(id)) heard.push(line)
    // The SDK asks for the batch first, which tells where its results are.
    await weir.ended(before + 2)
    const records = weir.finished[before + 1]?.records ?? []
    return { heard: heard.length, costs: records.map(({ costNanos }) => costNanos), last: records.at(-1) }
  }
  const batchOf = async (content: string): Promise<string> => {
    const { id } = await claude.messages.batches.create({ requests: [{ custom_id: '1', params }] })
    provider.change(id, {
      processing_status: 'ended',
      results_url: `https://api.anthropic.com/v1/messages/batches/${id}/results`,
    })
    provider.write(id, content)
    return id
  }

  it('are added up as they pass, and settle it once at half the price in place of what was declared', async () => {
    const id = await batchOf([answer, lineOf({ type: 'errored', error: {} }), answer, ''].join('\n'))
    const first = await read(id)
    // Two answers are 2 dollars; half of it, less the 1.50 that was declared.
    expect(first).toMatchObject({ heard: 3, costs: [0n, -500_000_000n] })
    expect(first.last).toMatchObject({ inputUncached: 1200, outputText: 800, responseModel: 'c' })
    expect(await read(id)).toMatchObject({ heard: 3, costs: [0n] })
  })

  it('halve what tokens cost, and not what searches do', async () => {
    const usage = { input_tokens: 600, output_tokens: 400, server_tool_use: { web_search_requests: 10 } }
    const line = lineOf({ type: 'succeeded', message: { model: 'c', content: [], usage } })
    // Half a dollar and ten cents, less the 1.50 that was declared.
    expect(await read(await batchOf(`${line}\n`))).toMatchObject({ costs: [0n, -900_000_000n] })
  })

  it('that are not understood pass as they are, and the batch counts as it was declared', async () => {
    const odd = lineOf({ type: 'succeeded', message: { content: [] } })
    expect(await read(await batchOf(`${odd}\n`))).toMatchObject({ heard: 1, costs: [0n] })
  })

  it('of which only a part comes do not settle it: what is in the rest was used too', async () => {
    const id = await batchOf(`${answer}\n`)
    const before = weir.finished.length
    provider.next(206, { 'content-range': 'bytes 0-9/99' })
    const headers = { 'x-api-key': weir.key, 'anthropic-version': '2023-06-01', range: 'bytes=0-9' }
    const results = `${weir.gateway.dataOrigin}/v1/messages/batches/${id}/results`
    const told = await fetch(results, { headers })
    // It is read whole until it is settled, whatever is asked for.
    expect(provider.seen.at(-1)?.headers).not.toHaveProperty('range')
    expect([told.status, told.headers.get('content-range'), await told.text()]).toEqual([
      206,
      'bytes 0-9/99',
      `${answer}\n`,
    ])
    await weir.ended(before + 1)
    expect(weir.finished[before]?.records.map(({ costNanos }) => costNanos)).toEqual([0n])
    expect(await read(id)).toMatchObject({ costs: [0n, expect.any(BigInt)] })
    await fetch(results, { headers })
    expect(provider.seen.at(-1)?.headers).toHaveProperty('range', 'bytes=0-9')
  })
})

describe('Gemini', () => {
  it('files are sent in parts to an address of ours, and named in a call', async () => {
    const file = await google.files.upload({
      file: new Blob(['hello'], { type: 'text/plain' }),
      config: { mimeType: 'text/plain' },
    })
    expect(provider.ids).toContain(file.name)
    const listed = await google.files.list()
    expect(listed.page.map(({ name }) => name)).toEqual([file.name])
    const fileUri = `https://generativelanguage.googleapis.com/v1beta/${file.name}`
    const contents = [{ role: 'user', parts: [{ fileData: { fileUri, mimeType: 'text/plain' } }] }]
    expect((await google.models.generateContent({ model: 'swift', contents })).text).toBe('hi')
    const foreign = fileUri.replace(/\d+$/, '999')
    const stranger = [{ role: 'user', parts: [{ fileData: { fileUri: foreign, mimeType: 'text/plain' } }] }]
    await expect(google.models.generateContent({ model: 'swift', contents: stranger })).rejects.toMatchObject({
      status: 400,
    })
    await google.files.delete({ name: file.name ?? '' })
    await expect(google.files.get({ name: file.name ?? '' })).rejects.toMatchObject({ status: 404 })
  })

  it('a file whose name the client chooses is refused: names are one for all who share the account', async () => {
    const config = { mimeType: 'text/plain', name: 'mine' }
    await expect(google.files.upload({ file: new Blob(['x'], { type: 'text/plain' }), config })).rejects.toThrow(
      'leave `file.name` out',
    )
  })

  it('an upload that broke off goes on where its provider has got to', async () => {
    const headers = { 'x-goog-api-key': weir.key, 'x-goog-upload-protocol': 'resumable' }
    const send = (address: string, command: string) =>
      fetch(address, { method: 'POST', headers: { ...headers, 'x-goog-upload-command': command } })
    const begun = await send(`${weir.gateway.dataOrigin}/upload/v1beta/files`, 'start')
    expect(begun.headers.get('x-goog-upload-chunk-granularity')).toBe('262144')
    const asked = await send(begun.headers.get('x-goog-upload-url') ?? '', 'query')
    expect(asked.headers.get('x-goog-upload-size-received')).toBe('262144')
  })

  it('the name of a file in a header is looked at by guardrails, and no query names two uploads', async () => {
    const start = (name: string, query = '') =>
      fetch(`${weir.gateway.dataOrigin}/upload/v1beta/files${query}`, {
        method: 'POST',
        headers: {
          'x-goog-api-key': weir.key,
          'x-goog-upload-protocol': 'resumable',
          'x-goog-upload-command': 'start',
          'x-goog-upload-file-name': name,
        },
        body: '{}',
      })
    const before = provider.seen.length
    for (const name of ['Project Titan.txt', 'Project%20Titan.txt']) expect((await start(name)).status).toBe(403)
    expect((await start('notes.txt', '?upload_id=a&upload%5Fid=b')).status).toBe(400)
    expect(provider.seen.length).toBe(before)
    expect((await start('notes.txt')).status).toBe(200)
  })

  it.each([
    ['names a file of somebody else’s', { model: 'models/swift', contents: [stranger] }, 404],
    ['names a model that is not there', { model: 'models/dear' }, 404],
    ['holds what must not leave', { model: 'models/swift', contents: [{ parts: [{ text: 'Project Titan' }] }] }, 403],
    ['names no model to judge it by', { contents: [{ parts: [{ text: 'hi' }] }] }, 400],
  ])('a change of a cache is judged as the cache was: one that %s is refused', async (_, change, status) => {
    const { name = '' } = await google.caches.create({ model: 'swift', config: { contents: 'a long text' } })
    const before = provider.seen.length
    const refused = await fetch(`${weir.gateway.dataOrigin}/v1beta/${name}`, {
      method: 'PATCH',
      headers: { 'x-goog-api-key': weir.key, 'content-type': 'application/json' },
      body: JSON.stringify(change),
    })
    expect([refused.status, provider.seen.length]).toEqual([status, before])
  })

  it('caches are made for a model that has another name there, kept longer, used and deleted', async () => {
    const cache = await google.caches.create({ model: 'swift', config: { contents: 'a long text', ttl: '300s' } })
    expect(JSON.parse(provider.seen.at(-1)?.body.toString() ?? '')).toMatchObject({ model: 'models/g' })
    const name = cache.name ?? ''
    await google.caches.update({ name, config: { ttl: '600s' } })
    const told = await google.models.generateContent({
      model: 'swift',
      contents: 'Hello',
      config: { cachedContent: name },
    })
    expect(told.text).toBe('hi')
    await google.caches.delete({ name })
    await expect(google.caches.get({ name })).rejects.toMatchObject({ status: 404 })
  })
})

describe('batches of Gemini’s', () => {
  const hello = [{ role: 'user', parts: [{ text: 'Hello' }] }]
  const batchOf = (model = 'swift', inner?: string) =>
    google.batches.create({ model, src: [{ contents: hello, ...(inner !== undefined && { model: inner }) }] })

  it('are made of calls with the name that their model has here, and are read, listed, cancelled and deleted', async () => {
    const batch = await batchOf()
    const name = batch.name ?? ''
    const sent = provider.seen.at(-1)
    expect(sent?.path).toBe('/v1beta/models/g:batchGenerateContent')
    expect(JSON.parse(sent?.body.toString() ?? '')).toEqual({
      batch: { inputConfig: { requests: { requests: [{ request: { contents: hello } }] } } },
    })
    expect((await google.batches.get({ name })).state).toBe('JOB_STATE_PENDING')
    expect((await google.batches.list()).page[0]?.name).toBe(name)
    await google.batches.cancel({ name })
    expect(provider.seen.at(-1)?.path).toBe(`/v1beta/${name}:cancel`)
    await google.batches.delete({ name })
    await expect(google.batches.get({ name })).rejects.toMatchObject({ status: 404 })
  })

  it('name the model in their calls as it is called there, where they name it', async () => {
    await batchOf('swift', 'swift')
    expect(provider.seen.at(-1)?.body.toString()).toContain('"model":"models/g"')
  })

  it('of embeddings are made in the same way', async () => {
    const batch = await google.batches.createEmbeddings({
      model: 'swift',
      src: { inlinedRequests: { contents: hello } },
    })
    expect(provider.seen.at(-1)?.path).toBe('/v1beta/models/g:asyncBatchEmbedContent')
    expect(batch.name).toMatch(/^batches\//)
  })

  it('are refused with a model that is not there, with two of them, and with calls in a file', async () => {
    const before = provider.seen.length
    await expect(google.batches.create({ model: 'swift', src: [] })).rejects.toMatchObject({ status: 400 })
    await expect(batchOf('none')).rejects.toMatchObject({ status: 404 })
    await expect(batchOf('swift', 'wise')).rejects.toMatchObject({ status: 400 })
    await expect(google.batches.create({ model: 'swift', src: { fileName: 'files/x' } })).rejects.toThrow(
      'are not judged here',
    )
    expect(provider.seen.length).toBe(before)
  })

  it('are settled once by the answers that they hold', async () => {
    const name = (await batchOf()).name ?? ''
    const answer = {
      response: {
        modelVersion: 'g',
        candidates: [],
        usageMetadata: { promptTokenCount: 600, candidatesTokenCount: 400, totalTokenCount: 1000 },
      },
    }
    const output = { inlinedResponses: { inlinedResponses: [answer, { error: { code: 13 } }, answer] } }
    provider.change(name, { done: true, metadata: { state: 'BATCH_STATE_SUCCEEDED', model: 'models/g', output } })
    const costs = async () => {
      const before = weir.finished.length
      await google.batches.get({ name })
      await weir.ended(before + 1)
      return (weir.finished[before]?.records ?? []).map(({ costNanos }) => costNanos)
    }
    // 2,000 tokens are 2 dollars; half of it, less the 1.50 that was declared.
    expect([await costs(), await costs()]).toEqual([[0n, -500_000_000n], [0n]])
  })
})
