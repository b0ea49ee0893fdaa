import { eventBytes, recordings, type Recording } from '../../../test/corpus.ts'
import { GatewayError } from '../../canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import { SseScanner, type SseFrame } from '../../wire/sse.ts'
import type { ChatTranslation } from '../translation.ts'
import type { Speaker } from './law.ts'
import type { Material } from './material.ts'

/** What was said in one dialect: our own cases and, where there is a corpus, every recording. */
export interface Exchanges {
  readonly calls: readonly CallCase[]
  readonly answers: readonly AnswerCase[]
  readonly streams: readonly StreamCase[]
  /** Answers with a failure status. */
  readonly problems: readonly ProblemCase[]
  /** Recordings that hold nothing for the laws, with the reason. */
  readonly leftOut: readonly { readonly id: string; readonly why: string }[]
}

export interface CallCase {
  readonly id: string
  readonly body: JsonObject
}

export interface AnswerCase {
  readonly id: string
  readonly body: JsonObject
}

export interface StreamCase {
  readonly id: string
  readonly bytes: Buffer
  readonly frames: readonly Frame[]
  /** What was asked, when it was kept. */
  readonly asked: JsonObject | undefined
}

export interface Frame {
  readonly event: string
  readonly data: string
}

export interface ProblemCase {
  readonly id: string
  readonly status: number
  readonly body: Json | undefined
}

export function exchangesOf(speaker: Speaking, material: Material, isRecorded = true): Exchanges {
  const found = { calls: [], answers: [], streams: [], problems: [], leftOut: [] } satisfies Exchanges
  const collected: Collected = found
  for (const { name, call, answer, stream } of material.golden) {
    const id = `golden/${name}`
    if (call) collected.calls.push({ id, body: call })
    if (answer) collected.answers.push({ id, body: answer })
    if (stream !== undefined) addStream(collected, id, Buffer.from(stream), call)
  }
  const { apis, providers } = material
  const recorded = isRecorded ? recordings(...apis) : []
  for (const recording of recorded)
    if (providers?.includes(recording.provider) ?? true) add(collected, recording, speaker, material)
  return found
}

/** A dialect that may or may not translate. */
type Speaking = Speaker & { readonly translation?: ChatTranslation | undefined }

interface Collected {
  readonly calls: CallCase[]
  readonly answers: AnswerCase[]
  readonly streams: StreamCase[]
  readonly problems: ProblemCase[]
  readonly leftOut: { id: string; why: string }[]
}

function add(collected: Collected, recording: Recording, speaker: Speaking, material: Material): void {
  const { response } = recording
  const id = `${recording.provider}/${recording.api}/${recording.id}`
  const leftOut = material.leftOut[recording.id]
  if (leftOut !== undefined) return void collected.leftOut.push({ id, why: leftOut })
  const asked = bodyAsked(recording)
  if (asked) {
    const refusal = refusalOf(() => speaker.readCall(asked)) ?? shapeRefused(speaker, asked, response.status)
    if (refusal === undefined) collected.calls.push({ id, body: asked })
    else collected.leftOut.push({ id, why: `its call is refused: ${refusal}` })
  }
  const body = parsed(response.body)
  if (response.status !== 200) return void collected.problems.push({ id, status: response.status, body })
  const events = eventBytes(recording)
  if (events) return addStream(collected, id, events, asked, speaker)
  if (response.encoding !== 'utf8') return void collected.leftOut.push({ id, why: 'its answer is no text' })
  if (isJsonObject(body)) return addAnswer(collected, id, body, speaker)
  collected.leftOut.push({ id, why: 'its answer is neither JSON nor a stream' })
}

function addAnswer(collected: Collected, id: string, body: JsonObject, speaker: Speaker): void {
  if (speaker.readReply(body).problem === undefined) collected.answers.push({ id, body })
  else collected.leftOut.push({ id, why: 'its answer is an error under a success status' })
}

function addStream(
  collected: Collected,
  id: string,
  bytes: Buffer,
  asked: JsonObject | undefined,
  speaker?: Speaker,
): void {
  const frames = framesIn(bytes)
  const [first] = frames
  // One recorder kept the message that the SDK put together in place of the stream's frames.
  const whole = frames.length === 1 && first?.event === 'message' ? parsed(first.data) : undefined
  if (isJsonObject(whole) && speaker) return addAnswer(collected, id, whole, speaker)
  collected.streams.push({ id, bytes, frames, asked })
}

/** Without comments, which say nothing and are no dialect's. */
export function framesIn(bytes: Buffer): readonly Frame[] {
  const scanner = new SseScanner()
  const frames: SseFrame[] = [...scanner.push(bytes)]
  const { frame } = scanner.end()
  if (frame) frames.push(frame)
  return frames
    .map(({ event, data }) => ({ event, data: data.toString() }))
    .filter(({ event, data }) => event !== '' || data !== '')
}

/** The body as a client of ours would send it. */
function bodyAsked({ request, model }: Recording): JsonObject | undefined {
  const body: unknown = request?.body
  if (!isJsonObject(body)) return undefined
  // Some clouds have the model in the path; for a client of ours it is always in the body.
  return 'model' in body ? body : { model: model ?? 'm', ...body }
}

/** A body that its provider refused need not be read; any other must be, and a refusal of ours is for the laws to find. */
function shapeRefused({ translation }: Speaking, body: JsonObject, status: number): string | undefined {
  return status === 200 ? undefined : refusalOf(() => translation?.readChat(body))
}

function refusalOf(read: () => unknown): string | undefined {
  try {
    read()
    return undefined
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.kind !== 'internal') return thrown.message
    throw thrown
  }
}

function parsed(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch {
    // A stream, or a web page.
    return undefined
  }
}
