import { describe, expect, it } from 'vitest'
import { recordings } from '../../../test/corpus.ts'
import { noUsage } from '../../canonical/usage.ts'
import { dialectLaws } from '../laws/dialect-laws.ts'
import { playStream } from '../laws/play-stream.ts'
import { refusedParam } from '../laws/refused-param.ts'
import { openAiTranscriptions, openAiTranslations } from './listening.ts'
import { openAiSpeech } from './speech.ts'

const file = { sizeBytes: 40_000 }
const frame = (event: { readonly type: string }) => `data: ${JSON.stringify(event)}\n\n`

for (const dialect of [openAiTranscriptions, openAiTranslations])
  dialectLaws(dialect, {
    apis: [],
    providers: [],
    leftOut: [],
    body: { model: 'm', file },
    reply: {
      text: 'a',
      usage: {
        type: 'tokens',
        input_tokens: 14,
        output_tokens: 5,
        input_token_details: { text_tokens: 4, audio_tokens: 10 },
      },
    },
    usage: { ...noUsage, inputUncached: 4, inputAudio: 10, outputText: 5 },
    stream: undefined,
  })

dialectLaws(openAiSpeech, {
  apis: [],
  providers: [],
  leftOut: [],
  body: { model: 'm', input: 'a', voice: 'alloy' },
  reply: { audio_data: 'SUQz', usage: { input_tokens: 4, output_tokens: 90 } },
  usage: { ...noUsage, inputUncached: 4, outputAudio: 90 },
  stream: undefined,
})

describe('listening', () => {
  const { readCall, readReply } = openAiTranscriptions

  it('reads seconds as they are billed, a begun one whole', () => {
    expect(readReply({ text: 'a', usage: { type: 'duration', seconds: 37 } }).usage).toEqual({
      ...noUsage,
      audioSeconds: 37,
    })
    expect(readReply({ text: 'a', duration: 36.71 }).usage).toEqual({ ...noUsage, audioSeconds: 37 })
    expect(readReply({ text: 'a' }).usage).toBeUndefined()
    for (const seconds of [-1, Number.NaN, 1e9, '7'])
      expect(readReply({ text: 'a', usage: { seconds } }).usage).toBeUndefined()
  })

  it('reads the usage of every recorded transcript that tells one', () => {
    const texts = recordings('audio').filter(
      ({ provider, response }) => provider === 'openai' && response.encoding === 'utf8',
    )
    const told = texts.filter(({ response }) => response.body.includes('"seconds"'))
    for (const { id, response } of told) {
      const seconds = Number(/"seconds":\s*(\d+)/.exec(response.body)?.[1])
      expect(readReply(JSON.parse(response.body)).usage, id).toEqual({ ...noUsage, audioSeconds: seconds })
    }
    for (const { id, response } of texts) expect(readReply(JSON.parse(response.body)).problem, id).toBeUndefined()
  })

  it('is bound by the size of its file', () => {
    expect(readCall({ model: 'm', file }).most).toEqual({ audioSeconds: 80, inputAudio: 800, outputText: 16_000 })
    expect(readCall({ model: 'm', file }).likely).toEqual({ audioSeconds: 10, inputAudio: 100, outputText: 0 })
  })

  it('M13 refuses a body without a file, and a stream that is neither wanted nor not', () => {
    expect(refusedParam(() => readCall({ model: 'm' }))).toBe('file')
    expect(refusedParam(() => readCall({ model: 'm', file: 'a text' }))).toBe('file')
    expect(refusedParam(() => readCall({ model: 'm', file, stream: 'maybe' }))).toBe('stream')
    expect(readCall({ model: 'm', file, stream: 'true' }).isStream).toBe(true)
  })

  it('reads a stream, whose last event tells the usage', () => {
    const usage = {
      type: 'tokens',
      input_tokens: 14,
      input_token_details: { text_tokens: 0, audio_tokens: 14 },
      output_tokens: 3,
    }
    const events = [
      { type: 'transcript.text.delta', delta: 'Hel' },
      { type: 'transcript.text.delta', delta: 'lo' },
      { type: 'transcript.text.done', text: 'Hello', usage },
    ]
    const call = readCall({ model: 'm', file, stream: true })
    const { meanings, facts } = playStream(openAiTranscriptions, call, Buffer.from(events.map(frame).join('')))
    expect(meanings).toEqual(['content', 'content', 'end'])
    expect(facts).toMatchObject({ textBytes: 5, isUsageFinal: true, usage: { inputAudio: 14, outputText: 3 } })
    const cut = playStream(openAiTranscriptions, call, Buffer.from(events.slice(0, 2).map(frame).join('')))
    expect(cut.facts).toMatchObject({ isComplete: false, usage: undefined })
  })

  it('takes plain text for an answer that tells nothing of its cost', () => {
    expect(openAiTranscriptions.readBytes?.(Buffer.from('Hello'))).toMatchObject({ usage: undefined, textBytes: 5 })
  })
})

describe('speaking', () => {
  const { readCall } = openAiSpeech

  it('counts characters as people do', () => {
    expect(readCall({ model: 'm', input: 'Grüße 😀' }).most).toMatchObject({ characters: 7, outputAudio: 70 })
  })

  it('is a stream where events are asked for, and else sound', () => {
    expect(readCall({ model: 'm', input: 'a', stream_format: 'sse' }).isStream).toBe(true)
    expect(readCall({ model: 'm', input: 'a', stream_format: 'audio' }).isStream).toBe(false)
  })

  it('M13 refuses a body without a text', () => {
    for (const input of [undefined, '', 7, null])
      expect(refusedParam(() => readCall({ model: 'm', input: input ?? null }))).toBe('input')
  })
})
