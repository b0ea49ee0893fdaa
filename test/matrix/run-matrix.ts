import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type Json, type JsonObject } from '../../src/canonical/json.ts'
import { reasonOf } from '../../src/canonical/reason-of.ts'
import { answerBytes, framesOfLines, type Recording } from '../corpus.ts'
import { startGateway } from '../gateway-fixture.ts'
import type { Reading } from '../journeys/translated/reading.ts'
import { randomCuts, seededRandom, startReplay, type ReplayUpstream } from '../replay-upstream.ts'
import { casesOf, clientDialects, counterpartsIn, type ClientDialect, type MatrixCase } from './cases.ts'
import { openClients, untoldTokens, type Clients } from './clients.ts'
import {
  configOf,
  objectionsOf,
  plainAnswer,
  plainReadings,
  targetDialects,
  type Answered,
  type TargetDialect,
} from './targets.ts'

/** What became of one recorded request at one target. */
export interface Finding {
  readonly client: ClientDialect
  readonly target: TargetDialect
  readonly name: string
  readonly id: string
  /** Refused before anything was sent: what the client was told. */
  readonly refusal: string | undefined
  /** Whether the answer that came back was recorded for the same request, and the target's own SDK reads it. */
  readonly isRecorded: boolean
  /** What is wrong with the body that the target was sent, or with what the client's SDK read. Empty: nothing. */
  readonly problems: readonly string[]
}

/**
 * Sends every recorded request of a `case` to a provider of every dialect, through a whole gateway and with the client's real SDK.
 * The provider answers what was recorded for the same case at it, else a few words.
 * @param everyNth 1: all of them; 8: every eighth of each client's, at another place for each target.
 */
export async function runMatrix(everyNth: number): Promise<readonly Finding[]> {
  const upstream = await startReplay()
  const weir = await startGateway({ env: { KEY: 'upstream-key-1' }, config: configOf(upstream.origin) })
  const through = openClients(weir.gateway.dataOrigin, weir.key)
  const direct = openClients(upstream.origin, 'any')
  const objections = objectionsOf()
  const findings: Finding[] = []
  try {
    for (const [column, target] of targetDialects.entries()) {
      const expectedOf = expectations(target, upstream, direct)
      for (const client of clientDialects)
        for (const one of casesOf(client).filter((_, place) => (place + column) % everyNth === 0)) {
          const { answer, expected, isRecorded } = await expectedOf(one)
          play(upstream, answer, findings.length)
          const before = upstream.seen.length
          const found = await through.ask[client](target, bodyFor(one, target), one.isStream).catch(reasonOf)
          upstream.forget()
          const sent = upstream.seen[before]
          const base = { client, target, name: one.name, id: one.id, isRecorded }
          findings.push(
            sent
              ? {
                  ...base,
                  refusal: undefined,
                  problems: [
                    ...bodyProblems(one, target, JSON.parse(sent.body.toString()), objections[target]),
                    ...readingProblems(expected, found),
                  ],
                }
              : { ...base, refusal: typeof found === 'string' ? found : 'nothing was sent', problems: [] },
          )
        }
    }
    return findings
  } finally {
    through.close()
    direct.close()
    await weir.close()
    await upstream.close()
  }
}

interface Expected {
  readonly answer: Answered
  /** What the target's own SDK reads of the answer. */
  readonly expected: Reading | undefined
  readonly isRecorded: boolean
}

/** What a target answers to each case, and what its own SDK reads of that: asked once for each answer. */
function expectations(
  target: TargetDialect,
  upstream: ReplayUpstream,
  direct: Clients,
): (one: MatrixCase) => Promise<Expected> {
  const known = new Map<string, Expected>()
  const own = clientDialects.find((name) => name === target)
  const counterpart = own ? counterpartsIn(own) : () => undefined
  return async (one) => {
    const recording = counterpart(one)
    const key = recording?.id ?? `plain ${one.isStream}`
    const found = known.get(key)
    if (found) return found
    const answer = recording ? recordedAnswer(recording) : plainAnswer(target, one.isStream)
    if (own) play(upstream, answer, 0)
    const expected = own ? await direct.ask[own]('m', {}, one.isStream).catch(() => undefined) : plainReadings[target]
    upstream.forget()
    const made = { answer, expected, isRecorded: recording !== undefined && expected !== undefined }
    known.set(key, made)
    return made
  }
}

function recordedAnswer(recording: Recording): Answered {
  const { headers, body } = recording.response
  const type = headers['content-type'] ?? 'application/json'
  return type.startsWith('application/x-ndjson-of-eventstream-payloads')
    ? { contentType: 'application/vnd.amazon.eventstream', body: framesOfLines(body) }
    : { contentType: type, body: answerBytes(recording) }
}

function play(upstream: ReplayUpstream, { contentType, body }: Answered, seed: number): void {
  upstream.answer({
    status: 200,
    headers: { 'content-type': contentType },
    body,
    cuts: randomCuts(body.length, 3, seededRandom(seed)),
  })
}

/** The recorded body, for the model that leads to the target. */
function bodyFor({ body }: MatrixCase, target: TargetDialect): JsonObject {
  return { ...body, ...('model' in body && { model: target }), ...('modelId' in body && { modelId: target }) }
}

/** In its own dialect the client's own words leave; in another, what its published schema takes. */
function bodyProblems(
  { client, body }: MatrixCase,
  target: TargetDialect,
  sent: Json,
  objections: ((body: JsonObject) => readonly string[]) | undefined,
): readonly string[] {
  if (!isJsonObject(sent)) return ['the target was sent no object']
  if (client === target) return isDeepStrictEqual(plain(sent), plain(body)) ? [] : ['the body is not the client’s own']
  return (objections?.(sent) ?? []).map((text) => `body: ${text}`)
}

/** Without what the gateway says in place of the client. */
function plain({ model: _model, modelId: _modelId, stream_options: _options, ...rest }: JsonObject): JsonObject {
  return rest
}

/** @param found a text: why the SDK read nothing. */
function readingProblems(expected: Reading | undefined, found: Reading | string | undefined): readonly string[] {
  // What the provider's own SDK cannot read says nothing of the translation.
  if (!expected) return []
  if (found === undefined || typeof found === 'string') return [`read: nothing: ${found}`]
  // Many a recorded stream was not asked for its usage.
  const counts = expected.inputTokens === untoldTokens ? [] : (['inputTokens', 'outputTokens'] as const)
  return (['text', 'toolCalls', 'ending', ...counts] as const).flatMap((key) => {
    const [there, here] = [told(expected, key), told(found, key)]
    return isDeepStrictEqual(there, here)
      ? []
      : [`read ${key}: ${JSON.stringify(there)?.slice(0, 200)} became ${JSON.stringify(here)?.slice(0, 200)}`]
  })
}

/** Not every dialect has a word for an answer that ends to have its tools called: that it calls some says it. */
function told(reading: Reading, key: keyof Reading): unknown {
  return key === 'ending' && reading.ending === 'end' && reading.toolCalls.length > 0 ? 'tools' : reading[key]
}
