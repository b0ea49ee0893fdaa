import { createServer, type IncomingMessage } from 'node:http'
import type { JsonObject } from '../../src/canonical/json.ts'

/** A call as it came over the wire. */
export interface Kept {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/**
 * A provider that keeps files, batches, responses and caches for the one account that all tenants share, in the words of OpenAI,
 * Anthropic and Gemini: real HTTP on loopback. It knows nothing of tenants, and gives anything to anyone who has its key.
 */
export interface KeepingProvider {
  readonly origin: string
  readonly seen: readonly Kept[]
  /** The ids of everything that it keeps. */
  readonly ids: readonly string[]
  /** Changes an object behind everyone's back. */
  change(id: string, members: JsonObject): void
  /** What is loaded of it from now on. */
  write(id: string, content: string): void
  /** A file of its own making. @returns its id. */
  makeFile(content: string): string
  /** The next answer has this status, and these headers beside its own. */
  next(status: number, headers?: Readonly<Record<string, string>>): void
  /** As if it had expired. */
  lose(id: string): void
  close(): Promise<void>
}

interface KeptObject {
  readonly value: JsonObject
  readonly content: string
}

interface Answer {
  readonly status: number
  readonly value?: unknown
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

export async function startKeeping(): Promise<KeepingProvider> {
  const objects = new Map<string, KeptObject>()
  const seen: Kept[] = []
  const nexts: Pick<Answer, 'status' | 'headers'>[] = []
  let made = 0
  const make = (prefix: string, members: JsonObject, content = ''): JsonObject => {
    const id = `${prefix}${(made += 1)}`
    const value: JsonObject = prefix.includes('/') ? { name: id, ...members } : { id, ...members }
    objects.set(id, { value, content })
    return value
  }
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming
      const body = Buffer.concat(chunks)
      seen.push({ method, path: url, headers, body })
      const answer = answerTo(new URL(url, origin()), method, headers, body)
      const text = answer.text ?? JSON.stringify(answer.value)
      const next = nexts.shift()
      outgoing.writeHead(next?.status ?? answer.status, {
        'content-type': answer.text === undefined ? 'application/json' : 'application/octet-stream',
        ...answer.headers,
        ...next?.headers,
      })
      outgoing.end(text)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = (): string => {
    const address = server.address()
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  }

  function answerTo(url: URL, method: string, headers: IncomingMessage['headers'], body: Buffer): Answer {
    const path = url.pathname
    const isAnthropic = headers['anthropic-version'] !== undefined
    const [, , ...steps] = path.split('/')
    if (method === 'POST' && path === '/v1/files') {
      const content = contentOf(body)
      return told(
        make(
          isAnthropic ? 'file_a' : 'file-o',
          isAnthropic ? { type: 'file' } : { object: 'file', purpose: purposeOf(body) },
          content,
        ),
      )
    }
    if (method === 'POST' && path === '/v1/batches')
      return told(make('batch_', { object: 'batch', status: 'validating', ...parsed(body) }))
    if (method === 'POST' && path === '/v1/messages/batches')
      return told(make('msgbatch_', { type: 'message_batch', processing_status: 'in_progress' }, 'results'))
    if (method === 'POST' && path === '/v1/responses')
      return told(
        make('resp_', { object: 'response', status: 'completed', model: 'm', output: [], usage: responseUsage }),
      )
    if (method === 'POST' && path === '/v1/messages')
      return told({
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'c',
        content: body.includes('code_execution')
          ? [writtenFile(String(make('file_a', { type: 'file' }, 'written')['id']))]
          : [],
        stop_reason: 'end_turn',
        container: make('container_a', { expires_at: '2027-01-01T00:00:00Z' }),
        usage: { input_tokens: 1, output_tokens: 1 },
      })
    if (method === 'POST' && path === '/v1/images/edits') return told({ created: 1, data: [{ b64_json: 'aQ==' }] })
    if (method === 'POST' && path.endsWith(':embedContent')) return told({ embedding: { values: [1] } })
    if (method === 'POST' && path === '/v1beta/cachedContents')
      return told(make('cachedContents/c', { model: 'models/g' }))
    if (method === 'POST' && /:(?:batchGenerateContent|asyncBatchEmbedContent)$/.test(path))
      return told(make('batches/b', { metadata: { state: 'BATCH_STATE_PENDING', model: 'models/g' } }))
    if (method === 'POST' && path.endsWith(':generateContent'))
      return told({
        candidates: [{ content: { parts: [{ text: 'hi' }] }, finishReason: 'STOP' }],
        usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
      })
    if (method === 'POST' && path === '/upload/v1beta/files') {
      if (headers['x-goog-upload-command'] === 'query')
        return { status: 200, value: {}, headers: { ...underWay, 'x-goog-upload-size-received': '262144' } }
      if (headers['x-goog-upload-command'] !== 'start')
        return {
          ...told({ file: make('files/g', { state: 'ACTIVE' }, body.toString()) }),
          headers: { 'x-goog-upload-status': 'final' },
        }
      const address = `${origin()}/upload/v1beta/files?upload_id=up${(made += 1)}&upload_protocol=resumable`
      return { status: 200, value: {}, headers: { 'x-goog-upload-url': address, ...underWay } }
    }
    const kept = madeByPosting[path]
    if (method === 'POST' && kept !== undefined) return told(make(kept, { object: path.slice(4), status: 'pending' }))
    if (path.startsWith('/v1/odd/')) return told({ asked: path, usage: oddUsage, model: 'm' })
    const at = path.startsWith('/v1/messages/') ? steps.slice(1) : steps
    const [folder = '', name = '', verb] = at
    const id = path.startsWith('/v1beta/') ? `${folder}/${name.replace(/:.*/, '')}` : name
    const object = objects.get(id)
    if (!object) return { status: 404, value: { error: { message: `no ${id}`, type: 'invalid_request_error' } } }
    // What lies in it is told of by no name that anyone else could have.
    if (at.length > 2 && Object.hasOwn(madeByPosting, `/v1/${folder}`)) {
      if (path.endsWith('/content')) return { status: 200, text: 'inside' }
      if (verb === 'complete') return told({ ...object.value, status: 'completed', file: make('file-o', {}) })
      const inside = { id: `inside-${(made += 1)}`, object: verb ?? '' }
      return told({ ...inside, data: verb === 'items' ? [{ ...inside, type: 'message' }] : [], has_more: false })
    }
    if (method === 'DELETE') {
      objects.delete(id)
      return told({ id, deleted: true })
    }
    if (verb === 'content' || verb === 'results' || name.endsWith(':download'))
      return { status: 200, text: object.content }
    if (verb === 'input_items') return told({ object: 'list', data: [{ id: `msg_in_${id}` }], has_more: false })
    return told(verb === 'cancel' ? { ...object.value, status: 'cancelling' } : object.value)
  }
  return {
    origin: origin(),
    seen,
    get ids() {
      return [...objects.keys()]
    },
    change: (id, members) => {
      const object = objects.get(id)
      if (object) objects.set(id, { ...object, value: { ...object.value, ...members } })
    },
    write: (id, content) => {
      const object = objects.get(id)
      if (object) objects.set(id, { ...object, content })
    },
    makeFile: (content) => String(make('file-o', { object: 'file' }, content)['id']),
    next: (status, headers = {}) => void nexts.push({ status, headers }),
    lose: (id) => void objects.delete(id),
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

const underWay = { 'x-goog-upload-status': 'active', 'x-goog-upload-chunk-granularity': '262144' }

/** What tells that code has written a file. */
function writtenFile(id: string): JsonObject {
  const content = [{ type: 'bash_code_execution_output', file_id: id }]
  const result = { type: 'bash_code_execution_result', stdout: '', stderr: '', return_code: 0, content }
  return { type: 'bash_code_execution_tool_result', tool_use_id: 'srvtoolu_1', content: result }
}

/** What is made by posting to a path, and how names of such begin. */
const madeByPosting: Readonly<Record<string, string>> = {
  '/v1/uploads': 'upload_',
  '/v1/vector_stores': 'vs_',
  '/v1/containers': 'cntr_',
  '/v1/conversations': 'conv_',
}

const oddUsage = { prompt_tokens: 30, completion_tokens: 20, total_tokens: 50 }
const responseUsage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 }

function told(value: unknown): Answer {
  return { status: 200, value }
}

function parsed(body: Buffer): JsonObject {
  return JSON.parse(body.toString()) as JsonObject
}

/** What stands between the head of the part named `file` and the next boundary. */
function contentOf(body: Buffer): string {
  return /name="file"[^]*?\r\n\r\n([^]*?)\r\n--/.exec(body.toString())?.[1] ?? ''
}

function purposeOf(body: Buffer): string {
  return /name="purpose"\r\n\r\n(\w+)/.exec(body.toString())?.[1] ?? ''
}
