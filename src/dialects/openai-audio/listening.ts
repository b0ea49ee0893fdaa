import type { Operation } from '../../canonical/call.ts'
import type { Dialect, DialectName } from '../dialect.ts'
import { readModelName, refusal } from '../shared/call-fields.ts'
import { filesIn, flagIn } from '../shared/form-fields.ts'
import { openMediaStream } from '../vendors/openai/media-stream.ts'
import { oneAnswer, readOneAnswer, silentAnswer } from '../shared/one-answer/one-answer.ts'
import { openAiEnvelope } from '../vendors/openai/envelope.ts'
import { readHeardUsage } from './usage.ts'

/** OpenAI's `/v1/audio/transcriptions`, as others have it too: sound in a form, and its words as JSON, text or events. */
export const openAiTranscriptions: Dialect = listening('openai-transcriptions', 'transcription')

/** `/v1/audio/translations`: the same, into English. */
export const openAiTranslations: Dialect = listening('openai-translations', 'audio-translation')

function listening(name: DialectName, operation: Operation): Dialect {
  return oneAnswer({
    name,
    operation,
    takesForms: true,
    read: (body) => {
      const [file] = filesIn(body, 'file')
      if (!file) throw refusal('file', 'must be a file in a form: send content-type: multipart/form-data')
      const [mostSeconds, likelySeconds] = [fewestBytesPerSecond, likelyBytesPerSecond].map((bytesPerSecond) =>
        Math.ceil(file.sizeBytes / bytesPerSecond),
      )
      return {
        modelName: readModelName(body),
        isStream: flagIn(body, 'stream'),
        most: heard(mostSeconds ?? 0, mostTranscriptTokens),
        likely: heard(likelySeconds ?? 0, 0),
      }
    },
    readReply: (body) =>
      readOneAnswer(body, { what: 'text', isAnswer: ({ text }) => typeof text === 'string', usageOf: readHeardUsage }),
    // Plain text and subtitles, which say nothing of what they cost.
    readBytes: (bytes) => silentAnswer(bytes.length),
    openStream: () => openMediaStream({ ending: 'end', usageOf: readHeardUsage }),
    ...openAiEnvelope,
  })
}

function heard(audioSeconds: number, outputText: number) {
  return { audioSeconds, inputAudio: audioSeconds * tokensPerSecond, outputText }
}

/**
 * Speech in the codecs that are taken has 500 bytes a second at least (Opus 6, MP3 8 kbit/s). Hours of silence can be smaller: what
 * such a file comes to beyond its bound is posted whole, and its budget grants nothing until there is room again (ledger.md I3).
 */
const fewestBytesPerSecond = 500
/** MP3 at 32 kbit/s: a guess at the dearer side. */
const likelyBytesPerSecond = 4_000
/** OpenAI: a token for each 100 ms (recorded 2026: 10 a second). */
const tokensPerSecond = 10
/** Above what any of them writes (gpt-4o-transcribe: 2,000; its window is 16,000). */
const mostTranscriptTokens = 16_000
