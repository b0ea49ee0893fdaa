import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { carriedAt, type CarriedFamily, type FoundRoute } from '../../src/gateway/carried/routes.ts'
import { answerBytes, recordings, reportMissingCorpus, type Recording } from '../corpus.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'

/** Recorded exchanges on carried paths: the answer comes back as it was, and the provider is asked what it was asked. */
let upstream: ReplayUpstream
let weir: RunningGateway

const families: Readonly<Record<string, CarriedFamily>> = {
  openai: 'openai',
  xai: 'openai',
  anthropic: 'anthropic',
  gemini: 'gemini',
}
const cases = recordings('files', 'batches', 'caches').flatMap((one) => {
  const family = families[one.provider]
  const found = family && one.request ? carriedAt(one.request.method, pathOf(one), family) : undefined
  // xAI's batches are filled by calls of their own, one by one: they are not OpenAI's, and refused.
  const isOpenAis = one.provider !== 'xai' || one.api === 'files'
  const isWhole = isOpenAis && one.response.status === 200 && one.source.fidelity !== 'multipart-request-omitted'
  return found && found !== 'other-method' && isWhole ? [{ one, found }] : []
})

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    config: `
providers:
  open: { kind: openai, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY } }
  claude: { kind: anthropic, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }
  google: { kind: gemini, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }
models:
  "*": { targets: [{ provider: open, model: "*" }, { provider: claude, model: "*" }, { provider: google, model: "*" }] }
`,
    env: { KEY: 'secret-1' },
  })
  if (cases.length === 0) reportMissingCorpus('carried paths')
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

describe('recorded exchanges on carried paths', () => {
  it('come back as they were, and ask the provider what it was asked', async () => {
    const different: string[] = []
    for (const { one, found } of cases) {
      await own(found, one)
      const { request, response } = one
      const before = upstream.seen.length
      const name = `${one.id} ${request?.method} ${request?.path}`
      replay(answerBytes(one), response.headers['content-type'])
      const answer = await ask(
        found.route.family,
        request?.method ?? '',
        request?.path ?? '',
        bodyOf(one),
        headersOf(one),
      )
      const [status, body] = [answer.status, Buffer.from(await answer.arrayBuffer())]
      const seen = upstream.seen[before]
      upstream.forget()
      if (status !== 200 || !body.equals(answerBytes(one)))
        different.push(`${name}: ${status} ${body.toString().slice(0, 200)}`)
      else if (seen?.method !== request?.method || seen?.path !== request?.path)
        different.push(`${name}: asked ${seen?.path}`)
      else if (request?.body !== undefined && !sameJson(seen?.body, request.body))
        different.push(`${name}: another body`)
    }
    expect(different).toEqual([])
    console.log(`carried paths: ${cases.length} recorded exchanges`)
  })
})

/** What the exchange names was made before, by the same tenant. */
async function own({ route, id }: FoundRoute, one: Recording): Promise<void> {
  const upload = route.does === 'bring' ? new URLSearchParams(one.request?.path.split('?')[1]).get('upload_id') : null
  const { input_file_id: input, file_id: file } = (one.request?.body ?? {}) as Readonly<Record<string, string>>
  for (const named of [input, file]) if (named !== undefined) await makeFile('openai', named)
  if (upload !== null) {
    const headers = { 'x-goog-upload-url': `${upstream.origin}/upload/v1beta/files?upload_id=${upload}` }
    upstream.answer({
      status: 200,
      headers: { 'content-type': 'application/json', ...headers },
      body: Buffer.from('{}'),
    })
    const starting = { 'x-goog-upload-protocol': 'resumable', 'x-goog-upload-command': 'start' }
    await ask('gemini', 'POST', '/upload/v1beta/files', '{}', starting)
  }
  if (id === undefined) return
  const { family, kind } = route
  if (kind === 'file' && family !== 'gemini') return makeFile(family, id)
  if (kind === 'file') return
  if (family === 'openai') await makeFile('openai', 'file-made')
  const [path, body] = madeBy[`${family} ${kind}`] ?? []
  if (path === undefined) throw new Error(`nobody knows how a ${kind} of ${family} is made`)
  replay(Buffer.from(JSON.stringify(family === 'gemini' ? { name: id } : { id })))
  expect((await ask(family, 'POST', path, JSON.stringify(body), json)).status).toBe(200)
}

const call = { contents: [{ parts: [{ text: 'hi' }] }] }
const madeBy: Readonly<Record<string, readonly [string, object]>> = {
  'openai batch': ['/v1/batches', { input_file_id: 'file-made', endpoint: '/v1/responses', completion_window: '24h' }],
  'openai store': ['/v1/vector_stores', {}],
  'openai container': ['/v1/containers', { name: 'x' }],
  'openai conversation': ['/v1/conversations', {}],
  'openai upload': ['/v1/uploads', {}],
  'anthropic batch': [
    '/v1/messages/batches',
    { requests: [{ custom_id: '1', params: { model: 'c', max_tokens: 1, messages: [] } }] },
  ],
  'gemini cache': ['/v1beta/cachedContents', { model: 'models/g', contents: [] }],
  'gemini batch': [
    '/v1beta/models/g:batchGenerateContent',
    { batch: { inputConfig: { requests: { requests: [{ request: call }] } } } },
  ],
}

async function makeFile(family: CarriedFamily, id: string): Promise<void> {
  const form = new FormData()
  form.append('purpose', 'batch')
  const line = { custom_id: '1', method: 'POST', url: '/v1/responses', body: { model: 'm', input: 'hi' } }
  form.append('file', new File([JSON.stringify(line)], 'x.jsonl'))
  replay(Buffer.from(JSON.stringify({ id })))
  expect((await ask(family, 'POST', '/v1/files', form)).status).toBe(200)
}

const json = { 'content-type': 'application/json' }

function ask(
  family: CarriedFamily,
  method: string,
  path: string,
  body?: string | Buffer | FormData,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const version = family === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {}
  return fetch(`${weir.gateway.dataOrigin}${path}`, {
    method,
    headers: { authorization: `Bearer ${weir.key}`, ...version, ...headers },
    ...(body !== undefined && { body: Buffer.isBuffer(body) ? Uint8Array.from(body) : body }),
  })
}

function replay(body: Buffer, contentType = 'application/json'): void {
  upstream.answer({ status: 200, headers: { 'content-type': contentType }, body })
}

function bodyOf({ request }: Recording): string | Buffer | undefined {
  if (request?.method === 'GET' || request?.method === 'DELETE') return undefined
  if (request?.bodyBase64 !== undefined) return Buffer.from(request.bodyBase64, 'base64')
  return request?.bodyText ?? (request?.body === undefined ? undefined : JSON.stringify(request.body))
}

/** What says how the body is to be read. */
function headersOf({ request }: Recording): Readonly<Record<string, string>> {
  const contentType =
    request?.headers['content-type'] ?? (request?.body === undefined ? undefined : json['content-type'])
  return contentType === undefined ? {} : { 'content-type': contentType }
}

function pathOf({ request }: Recording): string {
  return request?.path.split('?')[0] ?? ''
}

function sameJson(sent: Buffer | undefined, asked: unknown): boolean {
  return sent !== undefined && JSON.stringify(JSON.parse(sent.toString())) === JSON.stringify(asked)
}
