import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import { noUsage, type Usage } from '../../canonical/usage.ts'
import { CountReader, Whole } from '../shared/counts.ts'

/**
 * What listening came to: seconds or tokens, as the provider bills. Sources: OpenAI API description 2.3.0, 2026-08 (`usage.type` is
 * `duration` or `tokens`; `verbose_json` has `duration` besides); Mistral's `prompt_audio_seconds`.
 */
export function readHeardUsage(reply: JsonObject): Usage | undefined {
  const { usage } = reply
  if (!isJsonObject(usage)) return ofSeconds(secondsOf(reply['duration']))
  const counts = new CountReader()
  const input = new Whole(counts.count(usage, 'input_tokens', 'prompt_tokens') ?? 0)
  const outputText = counts.count(usage, 'output_tokens', 'completion_tokens') ?? 0
  const details = counts.part(usage, 'input_token_details')
  const texts = counts.count(details, 'text_tokens')
  const inputUncached = texts === undefined ? 0 : input.take(texts)
  if (!counts.isBelievable) return undefined
  const audioSeconds = secondsOf(usage['seconds'] ?? usage['prompt_audio_seconds'] ?? reply['duration']) ?? 0
  const told: Usage = { ...noUsage, inputUncached, inputAudio: input.rest, outputText, audioSeconds }
  return told.inputUncached + told.inputAudio + outputText + audioSeconds > 0 ? told : undefined
}

function ofSeconds(audioSeconds: number | undefined): Usage | undefined {
  return audioSeconds === undefined || audioSeconds === 0 ? undefined : { ...noUsage, audioSeconds }
}

/** A begun second counts whole. `undefined`: no number that can be believed. */
function secondsOf(said: Json | undefined): number | undefined {
  return typeof said === 'number' && said >= 0 && said <= longestSeconds ? Math.ceil(said) : undefined
}

/** A week of sound in one file. */
const longestSeconds = 604_800

/** What speaking came to, where an event tells it. */
export function readSpokenUsage({ usage }: JsonObject): Usage | undefined {
  if (!isJsonObject(usage)) return undefined
  const counts = new CountReader()
  const inputUncached = counts.count(usage, 'input_tokens') ?? 0
  const outputAudio = counts.count(usage, 'output_tokens') ?? 0
  if (!counts.isBelievable || inputUncached + outputAudio === 0) return undefined
  return { ...noUsage, inputUncached, outputAudio }
}
