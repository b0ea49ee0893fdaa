import type { Json } from '../../src/canonical/json.ts'
import type { DialectName } from '../../src/dialects/dialect.ts'
import { eventBytes, type Recording } from '../corpus.ts'
import { at, framesOf, list, parsed, type WireFrame } from './wire.ts'

/** What a recording holds for us: answers in one of our dialects, or none, and why. */
export type Held =
  | { readonly kind: 'answers'; readonly dialect: DialectName; readonly answers: readonly Answer[] }
  | { readonly kind: 'unread'; readonly reason: string }

export type Answer =
  | { readonly kind: 'whole'; readonly body: Json; readonly isInFrame: boolean }
  | { readonly kind: 'stream'; readonly frames: readonly WireFrame[] }

/** Every recording is of one of our operations, or has a reason of its own why nobody reads it. */
export function heldBy(recording: Recording): Held {
  const reader = readers[recording.api]
  if (reader === undefined) return { kind: 'unread', reason: `nobody has said what ${recording.api} is` }
  const found = typeof reader === 'function' ? reader(recording) : reader
  if (typeof found !== 'string') return found
  return { kind: 'answers', dialect: found, answers: answersIn(recording) }
}

/** What `heldBy` says of a recording for which nobody has said anything. */
export function isUnforeseen(held: Held): boolean {
  return held.kind === 'unread' && held.reason.startsWith('nobody has said')
}

type Reader = DialectName | Held | ((recording: Recording) => DialectName | Held)

const readers: Readonly<Record<string, Reader>> = {
  chat: 'openai-chat',
  messages: 'anthropic-messages',
  responses: 'openai-responses',
  completions: 'openai-completions',
  'ollama-chat': 'ollama-chat',
  generate: 'gemini-generate',
  converse: 'bedrock-converse',
  'cohere-chat': (one) =>
    pathOf(one) === '/v1/chat' ? unread('the first version of Cohere’s chat, which is not served') : 'cohere-chat',
  'cohere-generate': unread('Cohere’s generate, which it has retired'),
  embeddings: ({ provider }) => embedders[provider] ?? 'openai-embeddings',
  rerank: 'cohere-rerank',
  moderations: 'openai-moderations',
  images: (one) => (pathOf(one).endsWith('/edits') ? 'openai-image-edits' : 'openai-images'),
  audio: heardOrSpoken,
  invoke: invoked,
  batches: batched,
  files: (one) =>
    pathOf(one).endsWith('/content') && one.response.body.includes('"custom_id"')
      ? linesOf(one, 'openai-responses', ['response', 'body'])
      : unread('a file, which uses nothing'),
  'count-tokens': unread('a count of what a call would hold, which uses nothing'),
  caches: unread('the size of what is kept, which is billed by the hour and declared in the config'),
  models: unread('a list of models, which uses nothing'),
  interactions: unread('Gemini’s interactions, which are a native path'),
  predict: unread('Google’s predict, which is a native path'),
  ocr: unread('Mistral’s OCR, which is a native path'),
  predictions: unread('Replicate, which is no provider here'),
}

const embedders: Readonly<Record<string, DialectName>> = {
  voyage: 'voyage-embeddings',
  cohere: 'cohere-embeddings',
  gemini: 'gemini-embeddings',
  vertex: 'gemini-embeddings',
}

function heardOrSpoken(one: Recording): DialectName | Held {
  if (one.provider === 'deepgram') return unread('Deepgram, which is no provider here')
  if (pathOf(one).endsWith('/speech')) return one.provider === 'mistral' ? spokenInJson : 'openai-speech'
  return pathOf(one).endsWith('/translations') ? 'openai-translations' : 'openai-transcriptions'
}

const spokenInJson = unread('Mistral’s speech, which it wraps in JSON and counts nothing of')

/** Bedrock's `invoke` has each maker's own words. Claude's and Cohere's are served by it, every other model in Converse. */
function invoked(one: Recording): DialectName | Held {
  if (at(one.request?.body, 'anthropic_version') !== undefined) return 'anthropic-messages'
  if (/cohere\.embed-/.test(pathOf(one))) return 'cohere-embeddings'
  if (/cohere\.rerank-/.test(pathOf(one))) return 'cohere-rerank'
  return unread('a maker’s own words by `invoke`: these models are asked in Converse')
}

function batched(one: Recording): Held {
  const isResults = pathOf(one).endsWith('/results')
  if (one.provider === 'openai')
    return { kind: 'answers', dialect: 'openai-responses', answers: wholes([parsed(one.response.body)]) }
  if (!isResults) return unread('a batch that has not told what it used')
  if (one.provider === 'anthropic') return linesOf(one, 'anthropic-messages', ['result', 'message'])
  const results = list(parsed(one.response.body), 'results')
  const answers = results.map((result) => at(result, 'batch_result', 'response', 'chat_get_completion'))
  return { kind: 'answers', dialect: 'openai-chat', answers: wholes(answers) }
}

function linesOf({ response }: Recording, dialect: DialectName, path: readonly string[]): Held {
  const lines = response.body.split('\n').filter((line) => line !== '')
  return { kind: 'answers', dialect, answers: wholes(lines.map((line) => at(parsed(line), ...path))) }
}

function wholes(bodies: readonly unknown[]): readonly Answer[] {
  return bodies.flatMap((body) => (body === undefined ? [] : [{ kind: 'whole', body: body as Json, isInFrame: false }]))
}

function answersIn(recording: Recording): readonly Answer[] {
  const { response } = recording
  const text = eventBytes(recording)?.toString() ?? (response.encoding === 'utf8' ? response.body : undefined)
  if (text === undefined) return []
  const body = parsed(text)
  if (body !== undefined) return [{ kind: 'whole', body, isInFrame: false }]
  const frames = framesOf(text)
  // One recorder kept the message that the SDK put together in place of the stream's frames.
  const [only] = frames
  const whole = frames.length === 1 && only?.event === 'message' ? parsed(only.data) : undefined
  return whole === undefined ? [{ kind: 'stream', frames }] : [{ kind: 'whole', body: whole, isInFrame: true }]
}

function unread(reason: string): Held & { readonly kind: 'unread' } {
  return { kind: 'unread', reason }
}

function pathOf({ request }: Recording): string {
  return request?.path.split('?')[0] ?? ''
}
