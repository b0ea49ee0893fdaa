import type { ChatCall } from '../../src/canonical/chat.ts'
import type { EmbeddingsCall } from '../../src/canonical/embeddings.ts'
import { GatewayError } from '../../src/canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../src/canonical/json.ts'
import { Losses } from '../../src/canonical/loss.ts'
import { edit } from '../../src/canonical/origin.ts'
import {
  exchangesOf,
  framesIn,
  type Exchanges,
  type Frame,
  type ProblemCase,
} from '../../src/dialects/laws/exchanges.ts'
import { differencesOf, spell } from '../../src/dialects/laws/json-places.ts'
import type { Subject } from '../../src/dialects/laws/law.ts'
import { answerSettings, retell, valueOf, writeSettings } from '../../src/dialects/laws/retell.ts'
import { chatMaterial } from '../../src/dialects/laws/material/openai-chat.ts'
import { embedders, recordedEmbedders, type Embedder } from './embedders.ts'
import { ownCalls } from './embeddings-cases.ts'
import { Dice, mutant } from './mutants.ts'
import { members } from './run-everything.ts'

export interface MutationReport {
  readonly tried: Readonly<Record<string, number>>
  /** Bodies that a reader refused, by a GatewayError. */
  readonly refused: number
  readonly slowestMs: number
  readonly failures: readonly { readonly round: number; readonly what: string; readonly detail: string }[]
}

/**
 * Reads and writes mutants of what was recorded (and of our own cases) through every dialect and every pair of them. A
 * mutant may be refused by name; nothing may crash, and a body that can be read goes back to its dialect word for word.
 * @param round told before each round, so that a round that never ends can be named.
 */
export function mutate(count: number, seed: number, round: (index: number) => void = () => {}): MutationReport {
  const embeddings = embeddingsStock()
  const all = members().map(({ subject, material }) => ({
    subject,
    stock: stockOf(subject, exchangesOf(subject, material), embeddings),
  }))
  const subjects = all.map(({ subject }) => subject)
  const tried: Record<string, number> = {}
  const failures: { round: number; what: string; detail: string }[] = []
  let refused = 0
  let slowestMs = 0
  for (let index = 0; index < count && failures.length < mostFailures; index++) {
    round(index)
    const dice = new Dice(Math.imul(seed, 0x9e3779b1) ^ index)
    const { subject, stock } = dice.pick(all)
    const kind = dice.pick(kinds)
    const start = performance.now()
    try {
      trials[kind](subject, subjects, stock, dice)
    } catch (thrown) {
      if (thrown instanceof GatewayError && thrown.kind !== 'internal') refused++
      else failures.push({ round: index, what: `${kind} of ${subject.name}`, detail: detailOf(thrown) })
    }
    slowestMs = Math.max(slowestMs, performance.now() - start)
    tried[`${kind} of ${subject.name}`] = (tried[`${kind} of ${subject.name}`] ?? 0) + 1
  }
  return { tried, refused, slowestMs, failures }
}

/** More would say nothing new. */
const mostFailures = 1000
/** Larger bodies and longer streams would take the time of many small ones, and show the same. */
const largestBody = 12_000
const longestStream = 40

interface Stock {
  readonly calls: readonly JsonObject[]
  readonly answers: readonly JsonObject[]
  readonly streams: readonly (readonly Frame[])[]
  readonly problems: readonly ProblemCase[]
  /** Of the dialects that only embed, the same for every subject. */
  readonly embeddings: readonly {
    readonly embedder: Embedder
    readonly body: JsonObject
    readonly answer: JsonObject
  }[]
}

function stockOf(
  subject: Subject,
  { calls, answers, streams, problems }: Exchanges,
  embeddings: Stock['embeddings'],
): Stock {
  if (calls.length === 0) throw new RangeError(`there is nothing to mutate for ${subject.name}`)
  return {
    calls: small(calls),
    answers: small(answers),
    streams: streams.map(({ frames }) => shortened(frames)),
    problems: problems.length > 0 ? problems : [{ id: 'own', status: 429, body: { error: { message: 'slow down' } } }],
    embeddings,
  }
}

function small(list: readonly { readonly body: JsonObject }[]): readonly JsonObject[] {
  return list.map(({ body }) => body).filter((body) => JSON.stringify(body).length <= largestBody)
}

/** The beginning and the end of a long stream: the middle is more of the same. */
function shortened(frames: readonly Frame[]): readonly Frame[] {
  if (frames.length <= longestStream) return frames
  return [...frames.slice(0, longestStream / 2), ...frames.slice(-longestStream / 2)]
}

const kinds = ['call', 'call', 'edited call', 'answer', 'stream', 'stream', 'bytes', 'problem', 'embeddings'] as const

const trials: Readonly<
  Record<(typeof kinds)[number], (subject: Subject, subjects: readonly Subject[], stock: Stock, dice: Dice) => void>
> = {
  call(subject, subjects, { calls }, dice) {
    const body = mutantObject(dice.pick(calls), dice)
    const call = readCall(subject, body)
    same(body, subject.translation.writeChat(call, new Losses(), writeSettings))
    writeEverywhere(call, subjects)
  },

  'edited call'(subject, subjects, { calls }, dice) {
    const call = readCall(subject, mutantObject(dice.pick(calls), dice))
    const messages = call.messages.map((message) => {
      const blocks = message.blocks.map((block) => (block.kind === 'text' ? edit(block, { text: '[masked]' }) : block))
      return edit(message, { blocks })
    })
    writeEverywhere(edit(call, { modelName: 'other', messages }), subjects)
  },

  answer(subject, subjects, { answers }, dice) {
    const body = mutantObject(dice.pick(answers), dice)
    subject.readReply(body)
    const heard = subject.translation.readAnswer(body)
    same(body, subject.translation.writeAnswer(heard, new Losses(), answerSettings()))
    for (const { translation } of subjects) {
      const written = translation.writeAnswer(heard, new Losses(), answerSettings())
      translation.readAnswer(asJson(written))
      const writer = translation.openFrames(new Losses(), answerSettings(dice.roll(2) === 0))
      wellFormed(writer.write({ ...heard, wire: undefined }) + writer.end())
    }
  },

  stream(subject, subjects, { streams }, dice) {
    const frames = mutantFrames(dice.pick(streams), dice)
    readEveryWay(subject, subjects, frames, dice)
  },

  problem(subject, subjects, { problems }, dice) {
    const { status, body = null } = dice.pick(problems)
    const { kind, message, param } = subject.readProblem(status, mutant(body, dice))
    const problem = new GatewayError(kind, message, { param })
    for (const other of subjects) {
      asJson(other.writeProblem(problem, 'req_1'))
      wellFormed(other.writeStreamProblem(problem, 'req_1'))
    }
  },

  embeddings(_subject, _subjects, { embeddings }, dice) {
    const { embedder, body, answer } = dice.pick(embeddings)
    const { readQuestion, writeQuestion, readAnswer } = embedder.embeddings
    const changed = mutantObject(body, dice)
    const changedAnswer = mutantObject(answer, dice)
    embedder.readReply(changedAnswer)
    embedder.readCall(changed)
    const call = readQuestion(changed)
    same(changed, asJson(writeQuestion(call, new Losses())))
    const other = dice.pick(embedders).embeddings
    other.readQuestion(asJson(other.writeQuestion(edit<EmbeddingsCall>(call, { modelName: 'other' }), new Losses())))
    other.writeAnswer(readAnswer(changedAnswer), call, new Losses(), answerSettings())
  },

  bytes(subject, subjects, { streams }, dice) {
    const text = dice
      .pick(streams)
      .map(({ event, data }) => `${event === '' ? '' : `event: ${event}\n`}data: ${data}\n\n`)
    const bytes = Buffer.from(text.join(''))
    for (let count = 1 + dice.roll(8); count > 0; count--) bytes[dice.roll(bytes.length)] = dice.roll(256)
    readEveryWay(subject, subjects, framesIn(bytes), dice)
  },
}

function embeddingsStock(): Stock['embeddings'] {
  return embedders.flatMap((embedder) => {
    const providers = recordedEmbedders[embedder.name]
    const material = { ...chatMaterial, apis: ['embeddings'], golden: [], providers }
    const { calls, answers } = exchangesOf(embedder, material)
    const answer = small(answers)[0] ?? {
      data: [{ index: 0, embedding: [0.5] }],
      usage: { prompt_tokens: 1, total_tokens: 1 },
    }
    return small([...ownCalls(embedder.name), ...calls]).map((body) => ({ embedder, body, answer }))
  })
}

/** As the gateway does it: what the reading half refuses never comes to the translating half. */
function readCall(subject: Subject, body: JsonObject): ChatCall {
  subject.readCall(body)
  return subject.translation.readChat(body)
}

function writeEverywhere(call: ChatCall, subjects: readonly Subject[]): void {
  for (const { translation } of subjects) {
    const written = asJson(translation.writeChat(call, new Losses(), writeSettings))
    translation.readChat(written)
  }
}

function readEveryWay(subject: Subject, subjects: readonly Subject[], frames: readonly Frame[], dice: Dice): void {
  const reader = subject.openStream(subject.readCall({ model: 'm', messages: [], stream: true }))
  for (const { event, data } of frames) reader.read(event, Buffer.from(data))
  reader.facts()
  // Frames of its own dialect go back as they came, even those that are no JSON.
  retell(subject.translation, subject.translation, frames, answerSettings())
  for (const other of subjects.filter((one) => one !== subject))
    wellFormed(retell(subject.translation, other.translation, frames, answerSettings(dice.roll(2) === 0)))
}

function mutantObject(body: JsonObject, dice: Dice): JsonObject {
  const changed = mutant(body, dice)
  // Anything else is refused before a dialect sees it.
  return isJsonObject(changed) ? changed : body
}

function mutantFrames(frames: readonly Frame[], dice: Dice): readonly Frame[] {
  let changed = [...frames]
  for (let count = 1 + dice.roll(4); count > 0 && changed.length > 0; count--) {
    const place = dice.roll(changed.length)
    const frame = changed[place] ?? { event: '', data: '' }
    switch (dice.roll(6)) {
      case 0:
        changed = changed.toSpliced(place, 1)
        break
      case 1:
        changed = changed.toSpliced(place, 0, frame, frame)
        break
      case 2:
        changed = changed.toSpliced(place, 1).toSpliced(dice.roll(changed.length), 0, frame)
        break
      case 3:
        changed[place] = { ...frame, event: dice.pick(['', 'error', 'ping', 'message_stop', 'x']) }
        break
      default:
        changed[place] = { ...frame, data: JSON.stringify(mutant(valueOf(frame.data), dice)) }
    }
  }
  return changed
}

/** What goes over a wire is what it says as JSON; a value that JSON has no word for would be lost on the way. */
function asJson(value: JsonObject): JsonObject {
  const text = JSON.stringify(value)
  const again: Json = JSON.parse(text)
  same(again, value)
  if (!isJsonObject(again)) throw new TypeError('what was written is no object')
  return again
}

function same(expected: Json, found: Json): void {
  const [first] = differencesOf(expected, found)
  // JSON has no minus zero.
  if (first && !(first.left === 0 && first.right === 0))
    throw new TypeError(
      `not word for word at ${spell(first.path)}: ${JSON.stringify(first.left)} became ${JSON.stringify(first.right)}`,
    )
}

function wellFormed(text: string): void {
  if (text !== '' && !text.endsWith('\n\n')) throw new TypeError('a frame is left open')
  for (const { data } of framesIn(Buffer.from(text)))
    if (data !== '' && data !== '[DONE]' && !data.startsWith('{')) valueOrThrow(data)
}

function valueOrThrow(data: string): void {
  JSON.parse(data)
}

function detailOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const frame = thrown.stack?.split('\n').find((line) => line.includes('/src/')) ?? ''
  return `${thrown.name}: ${thrown.message.slice(0, 200)} ${frame.trim()}`
}
