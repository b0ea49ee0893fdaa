import { GatewayError } from '../../canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import { noUsage, type Usage } from '../../canonical/usage.ts'
import { readJsonBody } from '../../wire/json-body.ts'
import { scanJson, type JsonScan } from '../../wire/json-scan.ts'
import { spliceJson } from '../../wire/json-splice.ts'
import { Whole } from '../../dialects/shared/counts.ts'
import { mayHold, type SessionNews, type SessionWords } from '../../dialects/session-words.ts'

const told = ['"response.created"', '"response.done"', '"error"'] as const
const clientWords = ['"session.update"', '"response.create"'] as const

/**
 * OpenAI's Realtime API (OpenAI docs, Realtime events, read 2026-11). A response bills what it was begun for; only its last event
 * tells how much.
 * @param model of the session, by its client's name and by its provider's: it stays with it.
 */
export function openAiSession(model: { readonly asked: string; readonly there: string }): SessionWords {
  let underWay = 0
  /** Asked for by the client, and not told of yet: the provider may have begun them. */
  let wanted = 0
  return {
    worded: (text) => {
      if (!mayHold(text, clientWords)) return text
      const bytes = Buffer.from(text)
      const { value, scan } = readJsonBody(bytes, (path) => path.length > 1)
      const { type, session } = value
      if (type === 'response.create') wanted += 1
      const named = type === 'session.update' && isJsonObject(session) ? session['model'] : undefined
      if (typeof named !== 'string' || named === model.there) return text
      if (named === model.asked) return withModel(bytes, scan, model.there)
      throw new GatewayError('unsupported', `a session stays with its model: open another one for "${named}"`)
    },
    hear: (text): SessionNews => {
      // Audio comes in many long messages, in which none of these stands.
      if (!told.some((word) => text.includes(word))) return {}
      const event = parsed(text)
      switch (event?.['type']) {
        case 'response.created':
          underWay += 1
          wanted = Math.max(0, wanted - 1)
          return {}
        case 'error':
          wanted = Math.max(0, wanted - 1)
          return {}
        case 'response.done': {
          underWay = Math.max(0, underWay - 1)
          const { response } = event
          const usage = isJsonObject(response) ? response['usage'] : undefined
          return { usage: isJsonObject(usage) ? usageOf(usage) : undefined }
        }
        default:
          return {}
      }
    },
    get isAllTold() {
      return underWay === 0 && wanted === 0
    },
    problemEvent: ({ kind, message }) => JSON.stringify({ type: 'error', error: { type: kind, code: kind, message } }),
  }
}

/** The model that `session` names; every other byte is as it came. */
function withModel(bytes: Buffer, { members }: JsonScan, modelName: string): string {
  return Buffer.concat(
    members.flatMap(({ key, valueStart, valueEnd }) => {
      if (key !== 'session') return []
      const session = bytes.subarray(valueStart, valueEnd)
      return [
        bytes.subarray(0, valueStart),
        spliceJson(session, scanJson(session), [{ key: 'model', value: modelName }]),
        bytes.subarray(valueEnd),
      ]
    }),
  ).toString('utf8')
}

function usageOf(wire: JsonObject): Usage {
  const input = partOf(wire, 'input_token_details')
  const output = partOf(wire, 'output_token_details')
  const cached = partOf(input, 'cached_tokens_details')
  const cachedTokens = countIn(input, 'cached_tokens')
  const fromCache = new Whole(cachedTokens)
  const inputAudio = Math.max(0, countIn(input, 'audio_tokens') - countIn(cached, 'audio_tokens'))
  const inputImage = Math.max(0, countIn(input, 'image_tokens') - countIn(cached, 'image_tokens'))
  const outputAudio = countIn(output, 'audio_tokens')
  return {
    ...noUsage,
    inputUncached: Math.max(0, countIn(wire, 'input_tokens') - cachedTokens - inputAudio - inputImage),
    cacheReadAudio: fromCache.take(countIn(cached, 'audio_tokens')),
    cacheReadImage: fromCache.take(countIn(cached, 'image_tokens')),
    cacheRead: fromCache.rest,
    inputAudio,
    inputImage,
    outputText: Math.max(0, countIn(wire, 'output_tokens') - outputAudio),
    outputAudio,
  }
}

function partOf(wire: JsonObject, key: string): JsonObject {
  const value = wire[key]
  return isJsonObject(value) ? value : {}
}

function countIn(wire: JsonObject, key: string): number {
  const value = wire[key]
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: Json = JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined
    throw thrown
  }
}
