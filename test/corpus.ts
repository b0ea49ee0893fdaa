import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isJsonObject, type Json } from '../src/canonical/json.ts'
import { AwsEventScanner, writeAwsEvent } from '../src/wire/aws-event-stream.ts'
import type { FrameScanner } from '../src/wire/frame.ts'
import { reframed } from '../src/wire/framing.ts'
import { JsonLineScanner } from '../src/wire/ndjson.ts'

/** The one place that finds recorded data: `WEIR_CORPUS`, else `../shared` beside the checkout. */
export const corpusDir: string | undefined = [process.env['WEIR_CORPUS'], resolve(import.meta.dirname, '../../shared')]
  .filter((dir): dir is string => dir !== undefined && dir !== '')
  .find((dir) => existsSync(join(dir, 'recordings', 'index.json')))

/** Says, where a reader of the test output sees it, that a test ran on our own cases only. */
export function reportMissingCorpus(what: string): void {
  console.warn(
    `CORPUS ABSENT: ${what} ran without recorded exchanges (set WEIR_CORPUS to the folder that holds recordings/)`,
  )
}

export interface Recording {
  readonly id: string
  readonly provider: string
  readonly api: string
  readonly streaming: boolean
  readonly model: string | null
  readonly features: readonly string[]
  readonly case?: string
  readonly source: { readonly fidelity: string }
  readonly request: {
    readonly method: string
    readonly host: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: unknown
    readonly bodyText?: string
    readonly bodyBase64?: string
  } | null
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly encoding: 'utf8' | 'base64'
    readonly body: string
  }
}

/** All recorded exchanges of these APIs (`chat`, `messages`, `embeddings`, ...), of all providers. Empty without a corpus. */
export function recordings(...apis: readonly string[]): readonly Recording[] {
  return foldersOfProviders()
    .flatMap((folder) => apis.map((api) => join(folder, `${api}.jsonl`)))
    .filter((file) => existsSync(file))
    .flatMap(recordingsIn)
}

/** All recorded exchanges, whatever they are of, so that nothing is left out because nobody named it. Empty without a corpus. */
export function allRecordings(): readonly Recording[] {
  return foldersOfProviders()
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((file) => file.endsWith('.jsonl'))
    .flatMap(recordingsIn)
}

function foldersOfProviders(): readonly string[] {
  if (corpusDir === undefined) return []
  const root = join(corpusDir, 'recordings')
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(root, entry.name))
}

function recordingsIn(file: string): readonly Recording[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Recording)
}

/** The bytes of a recorded answer, as they arrived. */
export function answerBytes(recording: Recording): Buffer {
  return Buffer.from(recording.response.body, recording.response.encoding)
}

/**
 * A recorded stream as server-sent events, in which the house writes every stream. `undefined`: the answer is none. Some recorders
 * kept the events of an AWS event stream as one JSON object a line: they are framed first, as they were.
 */
export function eventBytes(recording: Recording): Buffer | undefined {
  const { headers, encoding, body } = recording.response
  const type = headers['content-type'] ?? ''
  if (type.startsWith('application/vnd.amazon.eventstream'))
    return asEvents(answerBytes(recording), new AwsEventScanner())
  if (type.startsWith('application/x-ndjson-of-eventstream-payloads'))
    return asEvents(recording.api === 'invoke' ? framesOfChunks(body) : framesOfLines(body), new AwsEventScanner())
  if (type.startsWith('application/x-ndjson')) return asEvents(answerBytes(recording), new JsonLineScanner())
  return encoding === 'utf8' && /^(?:data|event|id|:)/.test(body) ? answerBytes(recording) : undefined
}

function asEvents(bytes: Buffer, scanner: FrameScanner): Buffer {
  const frames = scanner.push(bytes)
  return Buffer.concat(frames.map((frame) => reframed(frame, 'sse') ?? Buffer.alloc(0)))
}

/** The messages of an AWS event stream of which a recorder kept the events only: each line holds one under its name. */
export function framesOfLines(lines: string): Buffer {
  const events = lines.split('\n').flatMap((line): readonly [string, Json][] => {
    const value: Json = line.trim() === '' ? null : JSON.parse(line)
    return isJsonObject(value) ? Object.entries(value) : []
  })
  return Buffer.concat(events.map(([name, value]) => writeAwsEvent(name, Buffer.from(JSON.stringify(value)))))
}

/** The same for `invoke`, whose events carry those of the model's own API, each as bytes in a chunk: a line holds one of them. */
export function framesOfChunks(lines: string): Buffer {
  const events = lines.split('\n').filter((line) => line.trim() !== '')
  return Buffer.concat(events.map(chunkFrame))
}

/** One event of a model's own API, as Bedrock's `invoke` sends it. */
export function chunkFrame(event: string): Buffer {
  return writeAwsEvent('chunk', Buffer.from(JSON.stringify({ bytes: Buffer.from(event).toString('base64'), p: 'abc' })))
}
