import { GatewayError } from '../../canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import { dialects } from '../../dialects/all.ts'
import type { DialectName } from '../../dialects/dialect.ts'
import type { CarriedFamily } from '../../providers/provider.ts'
import { parseUnscannedJson } from '../../wire/json-parse.ts'
import { JsonLineScanner } from '../../wire/ndjson.ts'
import type { BatchTally } from './batch-tally.ts'
import type { ResultLines } from './carried-route.ts'

/**
 * Adds up what a batch tells of itself.
 * @returns whether it has ended and told everything that it used.
 */
export function tallyBatch(family: CarriedFamily, batch: JsonObject, tally: BatchTally): boolean {
  switch (family) {
    case 'openai':
      return tallyOpenAi(batch, tally)
    case 'gemini':
      return tallyGemini(batch, tally)
    case 'anthropic':
      // Only its results tell.
      return false
  }
}

/** From here on its usage does not change. */
const ended: readonly unknown[] = ['completed', 'failed', 'expired', 'cancelled']

/** The usage of all calls stands in the batch itself, in the words of responses (API description 2.3.0). */
function tallyOpenAi(batch: JsonObject, tally: BatchTally): boolean {
  if (!ended.includes(batch['status'])) return false
  const answered = countIn(batch['request_counts'], 'completed')
  const { usage, responseModel } = dialects['openai-responses'].readReply(batch)
  if (usage) tally.add(usage, responseModel, undefined, Math.max(1, answered ?? 1))
  // One that does not tell must have answered nothing to have used nothing.
  return usage !== undefined || answered === 0
}

const geminiEnded: readonly unknown[] = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'EXPIRED']

/**
 * The answers to calls that came inline stand in the batch itself (Gemini docs, Batch API, and discovery document, read 2026-11).
 * Google's SDKs read them below `metadata.output`, its pages show them below `response`.
 */
function tallyGemini(batch: JsonObject, tally: BatchTally): boolean {
  const metadata = partOf(batch, 'metadata')
  const { state } = metadata
  if (typeof state !== 'string' || !geminiEnded.includes(state.replace(/^(?:BATCH|JOB)_STATE_/, ''))) return false
  const response = partOf(batch, 'response')
  const outputs = [partOf(metadata, 'output'), partOf(response, 'output'), response]
  const answers = outputs.map(inlineAnswers).find((found) => found !== undefined)
  let count = 0
  for (const answer of answers ?? []) {
    const told = isJsonObject(answer) ? answer['response'] : undefined
    if (!isJsonObject(told)) continue
    const name = told['embedding'] === undefined ? 'gemini-generate' : 'gemini-embeddings'
    const { usage, responseModel, service } = dialects[name].readReply(told)
    // What one of them used is in doubt: then all of it counts as it was declared.
    if (!usage) return false
    tally.add(usage, responseModel, service)
    count += 1
  }
  return count >= (countIn(metadata['batchStats'], 'successfulRequestCount') ?? 0)
}

function inlineAnswers(output: JsonObject): readonly Json[] | undefined {
  for (const member of ['inlinedResponses', 'inlinedEmbedContentResponses']) {
    const list = partOf(output, member)['inlinedResponses']
    if (isList(list)) return list
  }
  return undefined
}

/** Hears the results of a batch as they pass. */
export interface ResultsHeard {
  take(bytes: Buffer): void
  /** To be asked when all have passed. @returns whether every line was understood, so that the tally is the whole. */
  end(): boolean
}

/**
 * Lines of JSON, in which each call that was answered tells what it used. Anything else that passes is not looked at beyond its
 * beginning.
 */
export function hearResults(kind: ResultLines, tally: BatchTally): ResultsHeard {
  const lines = new JsonLineScanner()
  let isUnderstood = true
  let isBegun = false
  let lastByte: number | undefined
  const hear = (act: () => void) => {
    if (!isUnderstood) return
    try {
      act()
    } catch (thrown) {
      // The client gets it as it is; what it used stays as it was declared.
      if (!(thrown instanceof GatewayError || thrown instanceof SyntaxError)) throw thrown
      isUnderstood = false
    }
  }
  const add = (data: Buffer) => {
    const line = parseUnscannedJson(data.toString())
    const answer = isJsonObject(line) ? answerIn[kind](line) : 'not-understood'
    if (answer === 'not-answered') return
    const facts = answer === 'not-understood' ? undefined : readAnswer(answer)
    if (!facts?.usage) isUnderstood = false
    else if (facts.mixesModels === true) tally.addMixed(facts.usage, facts.responseModel)
    else tally.add(facts.usage, facts.responseModel, facts.service)
  }
  return {
    take: (bytes) =>
      hear(() => {
        lastByte = bytes.at(-1) ?? lastByte
        if (!isBegun && bytes.length > 0) {
          isBegun = true
          isUnderstood = bytes[0] === openingBrace
        }
        if (isUnderstood) for (const { data, hasData } of lines.push(bytes)) if (hasData) add(data)
      }),
    end: () => {
      hear(() => {
        const { frame } = lines.end()
        if (frame) add(frame.data)
        // What is left behind the last line end is half a line.
        else if (lastByte !== lineFeed) isUnderstood = false
      })
      return isUnderstood && isBegun
    },
  }
}

const openingBrace = 0x7b
const lineFeed = 0x0a

type LineAnswer = JsonObject | 'not-answered' | 'not-understood'

const answerIn: Readonly<Record<ResultLines, (line: JsonObject) => LineAnswer>> = {
  results: (line) => {
    const { type, message } = partOf(line, 'result')
    if (typeof type !== 'string') return 'not-understood'
    return type === 'succeeded' ? objectOr(message) : 'not-answered'
  },
  output: (line) => {
    const { status_code: status, body } = partOf(line, 'response')
    if (typeof status !== 'number') return 'not-understood'
    return status < 300 ? objectOr(body) : 'not-answered'
  },
}

function objectOr(value: Json | undefined): LineAnswer {
  return isJsonObject(value) ? value : 'not-understood'
}

/** In the words of the API that it says it is of. */
function readAnswer(answer: JsonObject) {
  return dialects[dialectOfAnswer(answer)].readReply(answer)
}

function dialectOfAnswer({ object }: JsonObject): DialectName {
  switch (object) {
    case 'response':
      return 'openai-responses'
    case 'list':
      return 'openai-embeddings'
    case 'chat.completion':
      return 'openai-chat'
    default:
      return 'anthropic-messages'
  }
}

function partOf(wire: JsonObject, key: string): JsonObject {
  const value = wire[key]
  return isJsonObject(value) ? value : {}
}

/** Google writes 64-bit counts as text. */
function countIn(counts: Json | undefined, key: string): number | undefined {
  const count = isJsonObject(counts) ? counts[key] : undefined
  const number = typeof count === 'string' && /^\d{1,15}$/.test(count) ? Number(count) : count
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}
