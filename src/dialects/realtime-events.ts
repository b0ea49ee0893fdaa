import { isJsonObject, type Json, type JsonObject } from '../canonical/json.ts'
import { noUsage, type Usage } from '../canonical/usage.ts'

/**
 * What an event of OpenAI's Realtime API means to its account (OpenAI docs, Realtime server events, read 2026-11). A response bills
 * what it was begun for; only its last event tells how much.
 */
export type RealtimeMeaning =
  | { readonly kind: 'response-begins' }
  | { readonly kind: 'response-ends'; readonly usage: Usage | undefined }
  | { readonly kind: 'other' }

const other: RealtimeMeaning = { kind: 'other' }
const begins = '"response.created"'
const ends = '"response.done"'

/** @param text of a message; most are not parsed. */
export function readRealtimeEvent(text: string): RealtimeMeaning {
  // Audio comes in many long messages, in which neither stands.
  if (!text.includes(begins) && !text.includes(ends)) return other
  const event = parsed(text)
  switch (event?.['type']) {
    case 'response.created':
      return { kind: 'response-begins' }
    case 'response.done': {
      const { response } = event
      const usage = isJsonObject(response) ? response['usage'] : undefined
      return { kind: 'response-ends', usage: isJsonObject(usage) ? usageOf(usage) : undefined }
    }
    default:
      return other
  }
}

/** The model that a client's message would change the session to; `undefined`: none. */
export function sessionModelIn(text: string): string | undefined {
  if (!text.includes('"session.update"')) return undefined
  const session = parsed(text)?.['session']
  const model = isJsonObject(session) ? session['model'] : undefined
  return typeof model === 'string' ? model : undefined
}

function usageOf(wire: JsonObject): Usage {
  const input = partOf(wire, 'input_token_details')
  const output = partOf(wire, 'output_token_details')
  const cached = partOf(input, 'cached_tokens_details')
  const cacheRead = countIn(input, 'cached_tokens')
  const inputAudio = Math.max(0, countIn(input, 'audio_tokens') - countIn(cached, 'audio_tokens'))
  const inputImage = Math.max(0, countIn(input, 'image_tokens') - countIn(cached, 'image_tokens'))
  const outputAudio = countIn(output, 'audio_tokens')
  return {
    ...noUsage,
    inputUncached: Math.max(0, countIn(wire, 'input_tokens') - cacheRead - inputAudio - inputImage),
    cacheRead,
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
