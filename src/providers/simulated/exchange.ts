import type { IncomingMessage, ServerResponse } from 'node:http'
import { noFaults, type Behaviour, type Faults } from './behaviour.ts'
import { headerOf, readJson } from './incoming.ts'
import { openListener, type Listener } from './listener.ts'
import { nothingBilled, type Billed, type SimulatedEntry, type WritableLog } from './log.ts'
import { paceOf, type Pace, type Speed } from './pace.ts'
import { playStream, playWhole, type Played } from './play.ts'
import { problemBody } from './problem-body.ts'
import type { InputCount } from './prompt-cache.ts'
import { Refusal } from './question.ts'
import { answererAt, type Reply, type ReplyParts } from './reply.ts'
import { seedOf } from './seeded.ts'

/** What the exchanges of one simulated provider share. */
export interface Parts extends ReplyParts {
  readonly speed: Speed
  /** When set, calls without it are refused. */
  readonly apiKey: string | undefined
  readonly log: WritableLog
  /** How often a model name's faults have occurred, for `times`. */
  readonly faultCounts: Map<string, number>
  nextId(): string
}

/** Model names whose faults are counted; the oldest are forgotten. */
const countedNames = 10_000
const modelNames = ['sim-1', 'sim-mini', 'sim-embed']

/** Serves one exchange and writes its entry in the log, however it ends. */
export async function serveExchange(incoming: IncomingMessage, outgoing: ServerResponse, parts: Parts): Promise<void> {
  const id = parts.nextId()
  const listener = openListener(outgoing, parts.clock)
  const [, speedPrefix, path = ''] = /^(\/instant|\/realistic)?(\/[^?]*)/.exec(incoming.url ?? '') ?? []
  const answerer = answererAt(path)
  const tongue = answerer?.tongue ?? 'openai'
  const entry = {
    id,
    atMs: parts.clock.nowMs(),
    requestId: headerOf(incoming, 'x-weir-request-id'),
    attempt: headerOf(incoming, 'x-weir-attempt'),
    path,
  }
  const asked = { modelName: '', isStream: false }
  const note = (rest: Pick<SimulatedEntry, 'status' | 'outputTokens' | 'billed' | 'ended'>): void =>
    parts.log.add({ ...entry, ...asked, bytes: listener.bytes, ...rest })
  const headers = ['x-request-id', id, 'request-id', id]
  const refuse = (status: number, body: string, contentType: string, more: readonly string[] = []): void => {
    listener.head(status, ['content-type', contentType, ...headers, ...more])
    listener.end(body)
    note({ status, outputTokens: 0, billed: nothingBilled, ended: 'refused' })
  }
  try {
    checkKey(incoming, parts.apiKey)
    if (incoming.method === 'GET' && path === '/v1/models') return listModels(listener, headers, note)
    if (!answerer || incoming.method !== 'POST') throw new Refusal(404, `there is no ${incoming.method} ${path} here`)
    const body = await readJson(incoming)
    if (body === undefined) return note({ status: 0, outputTokens: 0, billed: nothingBilled, ended: 'client-gone' })
    const reply = answerer.answer(body.json, parts, id)
    asked.modelName = answerer.modelName ?? body.modelName
    asked.isStream = reply.isStream
    const faults = faultsNow(asked.modelName, reply.behaviour, parts.faultCounts)
    const speed = speedPrefix === undefined ? parts.speed : speedPrefix === '/instant' ? 'instant' : 'realistic'
    const pace = paceOf(speed, reply.behaviour, seedOf(parts.seed, id))
    if (faults.status !== undefined || faults.isHtml) {
      await listener.wait(pace.delayMs, false)
      const status = faults.status ?? 200
      const more = faults.retryAfter === undefined ? [] : ['retry-after', faults.retryAfter]
      if (faults.isHtml) return refuse(status, '<!doctype html><title>Simulated failure</title>', 'text/html', more)
      const sentence = `the simulated provider was asked to fail with ${status}`
      return refuse(status, JSON.stringify(problemBody(tongue, status, sentence, id)), 'application/json', more)
    }
    const input = reply.count()
    const played = await play(reply, faults, pace, listener, headers)
    // An error told in place of the answer is no work done.
    const isFree = played.ended === 'error' && played.madeTokens === 0
    note({
      status: 200,
      outputTokens: played.servedTokens,
      billed: isFree ? nothingBilled : billedFor(input, played.madeTokens),
      ended: played.ended,
    })
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    const problem = problemBody(tongue, thrown.status, thrown.message, id, thrown.param)
    refuse(thrown.status, JSON.stringify(problem), 'application/json')
  }
}

function play(
  reply: Reply,
  faults: Faults,
  pace: Pace,
  listener: Listener,
  headers: readonly string[],
): Promise<Played> {
  return reply.isStream
    ? playStream(reply.script, reply.behaviour, faults, pace, listener, headers)
    : playWhole(reply.script, reply.outputTokens, reply.behaviour, faults, pace, listener, headers)
}

function billedFor(input: InputCount, outputText: number): Billed {
  const { uncached, ...cached } = input
  return { inputUncached: uncached, ...cached, outputText }
}

function faultsNow(modelName: string, behaviour: Behaviour, counts: Map<string, number>): Faults {
  if (behaviour.faultTimes === undefined) return behaviour.faults
  const seen = counts.get(modelName) ?? 0
  if (seen >= behaviour.faultTimes) return noFaults
  counts.delete(modelName)
  counts.set(modelName, seen + 1)
  for (const name of counts.keys()) {
    if (counts.size <= countedNames) break
    counts.delete(name)
  }
  return behaviour.faults
}

function checkKey(incoming: IncomingMessage, apiKey: string | undefined): void {
  if (apiKey === undefined) return
  const given =
    headerOf(incoming, 'authorization')?.replace(/^Bearer /, '') ??
    headerOf(incoming, 'x-api-key') ??
    headerOf(incoming, 'x-goog-api-key')
  if (given !== apiKey) throw new Refusal(401, 'the simulated provider was given a wrong API key, or none')
}

function listModels(
  listener: Listener,
  headers: readonly string[],
  note: (rest: Pick<SimulatedEntry, 'status' | 'outputTokens' | 'billed' | 'ended'>) => void,
): void {
  const rows = modelNames.map((id) => ({ id, object: 'model', created: 1_767_225_600, owned_by: 'weir' }))
  listener.head(200, ['content-type', 'application/json', ...headers])
  listener.end(JSON.stringify({ object: 'list', data: rows }))
  note({ status: 200, outputTokens: 0, billed: nothingBilled, ended: 'whole' })
}
