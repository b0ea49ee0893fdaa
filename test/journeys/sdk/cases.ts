import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { answerBytes, corpusDir, recordings, type Recording } from '../../corpus.ts'

/** The recorded APIs that SDKs are driven over. */
export type Api = 'chat' | 'messages' | 'responses' | 'generate' | 'cohere-chat' | 'embeddings'

/** One thing to ask through an SDK, and what the provider answered when it was asked for real. */
export interface SdkCase {
  /** Provider, API and the recording's id. */
  readonly id: string
  readonly api: Api
  readonly isStream: boolean
  readonly features: readonly string[]
  readonly body: Readonly<Record<string, unknown>>
  /** Anthropic's betas say what a body means, so they must travel with it. */
  readonly betas: string | undefined
  readonly answer: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: Buffer
  }
}

/** Every recorded exchange of these APIs whose body has the shape that their SDKs send. Empty without a corpus. */
export function recordedCases(...apis: readonly Api[]): readonly SdkCase[] {
  return apis.flatMap((api) => recordings(api).flatMap((recording) => caseOf(api, recording)))
}

/** Errors that were quoted in public threads, each as the answer to a unary and to a streaming call. */
export function wildErrorCases(...apis: readonly Api[]): readonly SdkCase[] {
  if (corpusDir === undefined) return []
  const lines = readFileSync(join(corpusDir, 'errors', 'errors-in-the-wild.jsonl'), 'utf8').split('\n')
  const errors = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as WildError)
  return errors.flatMap((error, place) =>
    apis
      .filter((api) => error.api === 'any' || error.api.replace('-stream', '') === api)
      .flatMap((api) => {
        const isStream = error.api.endsWith('-stream')
        const streamed = isStream ? [true] : api === 'embeddings' ? [false] : [false, true]
        return streamed.map((stream) => ({
          id: `wild/${api}/${place + 1}${stream ? '-stream' : ''}`,
          api,
          isStream: stream,
          features: ['error'],
          body: plainBody(api, 'wild-1', stream),
          betas: undefined,
          answer: { status: error.status, headers: error.headers, body: Buffer.from(error.body) },
        }))
      }),
  )
}

/** The smallest body of each API. */
export function plainBody(api: Api, modelName: string, isStream: boolean): Readonly<Record<string, unknown>> {
  if (api === 'embeddings') return { model: modelName, input: 'Hello', encoding_format: 'float' }
  if (api === 'responses') return { model: modelName, input: 'Hello', ...(isStream ? { stream: true } : {}) }
  if (api === 'generate')
    return { model: modelName, contents: [{ parts: [{ text: 'Hello' }] }], ...(isStream ? { stream: true } : {}) }
  const messages = [{ role: 'user', content: 'Hello' }]
  return { model: modelName, max_tokens: 1000, messages, ...(isStream ? { stream: true } : {}) }
}

interface WildError {
  readonly api: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

function caseOf(api: Api, recording: Recording): readonly SdkCase[] {
  const { id, provider, response } = recording
  const body = bodyOf(api, recording)
  if (body === undefined) return []
  const whole = wholeMessageIn(recording)
  return [
    {
      id: `${provider}/${api}/${id}`,
      api,
      isStream: body['stream'] === true,
      features: recording.features.filter((feature) => feature !== 'stream'),
      body,
      betas: recording.request?.headers['anthropic-beta'],
      answer: {
        status: response.status,
        headers: whole === undefined ? plainHeaders(response.headers) : { 'content-type': 'application/json' },
        body: whole === undefined ? answerBytes(recording) : Buffer.from(whole),
      },
    },
  ]
}

/** `undefined`: not the shape of this API (Cohere's and Gemini's own embeddings are recorded under the same name). */
function bodyOf(api: Api, recording: Recording): Readonly<Record<string, unknown>> | undefined {
  const { request, streaming, model } = recording
  const isStream = streaming && wholeMessageIn(recording) === undefined
  // Where only the answer was kept, the question is made up.
  if (request === null) {
    const made = plainBody(api, model ?? 'unrecorded-1', isStream)
    return api === 'embeddings' ? { ...made, input: inputsAnswered(recording) } : made
  }
  const { body } = request
  if (!isObject(body) || !hasShape(api, body)) return undefined
  return {
    ...body,
    // Some have the model in the path, and say there whether to stream. Vertex's is a path itself.
    ...(typeof body['model'] === 'string' && api !== 'generate'
      ? {}
      : { model: (model ?? 'in-the-path-1').split('/').at(-1) ?? '' }),
    ...((body['stream'] === true) === isStream ? {} : { stream: isStream }),
  }
}

/** As many inputs as an answer has vectors. */
function inputsAnswered({ response }: Recording): readonly string[] {
  return Array.from(response.body.matchAll(/"index":/g), () => 'Hello')
}

/** A call of Responses may be a stored prompt and nothing else. */
function hasShape(api: Api, body: Readonly<Record<string, unknown>>): boolean {
  if (api === 'responses') return 'input' in body || 'prompt' in body
  return inputKeys[api] in body
}

const inputKeys = {
  chat: 'messages',
  messages: 'messages',
  generate: 'contents',
  'cohere-chat': 'messages',
  embeddings: 'input',
} as const

/** Some recorders kept, in place of a stream's frames, one frame with the message that their SDK had put together. */
function wholeMessageIn({ response }: Recording): string | undefined {
  return /^event: message\ndata: (.*)\n\n$/.exec(response.body)?.[1]
}

/** What an SDK or a gateway acts on; lengths and encodings were the recorder's connection. */
function plainHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => /^(?:content-type|retry-after|x-should-retry|x-ratelimit-)/.test(name)),
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
