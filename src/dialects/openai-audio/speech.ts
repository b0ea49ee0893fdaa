import type { JsonObject } from '../../canonical/json.ts'
import { readModelName, refusal } from '../shared/call-fields.ts'
import type { Dialect } from '../dialect.ts'
import { openMediaStream } from '../vendors/openai/media-stream.ts'
import { oneAnswer, readOneAnswer, silentAnswer } from '../shared/one-answer/one-answer.ts'
import { openAiEnvelope } from '../vendors/openai/envelope.ts'
import { readSpokenUsage } from './usage.ts'

/** OpenAI's `/v1/audio/speech`: a text is spoken, and the answer is the sound itself, or events with pieces of it. */
export const openAiSpeech: Dialect = oneAnswer({
  name: 'openai-speech',
  operation: 'speech',
  read: (body) => {
    const { input } = body
    if (typeof input !== 'string' || input === '') throw refusal('input', 'must be a text')
    const characters = [...input].length
    return {
      modelName: readModelName(body),
      isStream: body['stream_format'] === 'sse',
      most: { characters, outputAudio: characters * mostTokensPerCharacter },
      likely: { characters, outputAudio: Math.ceil(characters * likelyTokensPerCharacter) },
    }
  },
  // Mistral answers in JSON.
  readReply: (body) => readOneAnswer(body, { what: 'audio', isAnswer: hasAudio, usageOf: readSpokenUsage }),
  readBytes: () => silentAnswer(0),
  openStream: () => openMediaStream({ ending: 'end', usageOf: readSpokenUsage }),
  ...openAiEnvelope,
})

/**
 * Some 15 characters are a second, and a second 21 tokens (OpenAI said 1.5 cents a minute, at 12 dollars a million, in
 * 2025). Spoken at a quarter of the speed, with pauses, it is up to seven times as many.
 */
const likelyTokensPerCharacter = 1.4
const mostTokensPerCharacter = 10

function hasAudio({ audio_data: audio }: JsonObject): boolean {
  return typeof audio === 'string' && audio !== ''
}
