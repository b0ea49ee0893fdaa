import { GatewayError } from '../../canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import { noUsage, type Usage } from '../../canonical/usage.ts'
import { readJsonBody } from '../../wire/json-body.ts'
import { Whole } from '../../dialects/shared/counts.ts'
import { mayHold, type SessionNews, type SessionWords } from '../../dialects/session-words.ts'

const told = ['"response.created"', '"response.done"', '"error"'] as const
const clientWords = ['"session.update"', '"response.create"'] as const

/**
 * OpenAI's Realtime API (OpenAI docs, Realtime events, read 2026-11). A response bills what it was begun for; only its last event
 * tells how much.
 * @param modelNames of the session, here and there: it stays with them.
 */
export function openAiSession(modelNames: readonly string[]): SessionWords {
  let underWay = 0
  /** Asked for by the client, and not told of yet: the provider may have begun them. */
  let wanted = 0
  return {
    mustPass: (text) => {
      if (!mayHold(text, clientWords)) return
      const { type, session } = readJsonBody(Buffer.from(text), (path) => path.length > 1).value
      const model = type === 'session.update' && isJsonObject(session) ? session['model'] : undefined
      if (typeof model === 'string' && !modelNames.includes(model))
        throw new GatewayError('unsupported', `a session stays with its model: open another one for "${model}"`)
      if (type === 'response.create') wanted += 1
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
