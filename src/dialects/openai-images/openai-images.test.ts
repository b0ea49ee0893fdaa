import { describe, expect, it } from 'vitest'
import { noUsage } from '../../canonical/usage.ts'
import { dialectLaws } from '../laws/dialect-laws.ts'
import { playStream } from '../laws/play-stream.ts'
import { refusedParam } from '../laws/refused-param.ts'
import { openAiImageEdits, openAiImages, openAiImageVariations } from './index.ts'

const reply = {
  created: 1,
  data: [{ b64_json: 'aQ==' }, { b64_json: 'aQ==' }],
  usage: {
    input_tokens: 60,
    output_tokens: 4_000,
    total_tokens: 4_060,
    input_tokens_details: { text_tokens: 10, image_tokens: 50 },
    output_tokens_details: { image_tokens: 3_900, text_tokens: 100 },
  },
}
const usage = { ...noUsage, inputUncached: 10, inputImage: 50, outputText: 100, outputImage: 3_900, images: 2 }

for (const dialect of [openAiImages, openAiImageEdits, openAiImageVariations])
  dialectLaws(dialect, {
    apis: dialect === openAiImages ? ['images'] : [],
    providers: undefined,
    leftOut: [],
    body: { model: 'm', prompt: 'a cat' },
    reply,
    usage,
    stream: undefined,
  })

describe('openai-images', () => {
  const { readCall, readReply, readExtent } = openAiImages

  it('counts pictures where nobody tells tokens, and takes the cost that is told (xAI)', () => {
    expect(readReply({ data: [{ url: 'https://a' }] }).usage).toEqual({ ...noUsage, images: 1 })
    const told = readReply({ data: [{ url: 'https://a' }], usage: { cost_in_usd_ticks: 200_000_000 } })
    expect(told).toMatchObject({ usage: { images: 1 }, providerCostNanos: 20_000_000n })
  })

  it('M8 an error with a success status is no picture', () => {
    const told = readReply({ error: { message: 'no', type: 'invalid_request_error' } })
    expect(told).toMatchObject({ usage: undefined, problem: { kind: 'upstream_rejected' } })
  })

  it('M13 bounds what can be made, and refuses what cannot be a number of pictures', () => {
    expect(readCall({ model: 'm', prompt: 'a', n: 3 }).most).toMatchObject({ images: 3, outputImage: 3 * 16_384 })
    expect(readCall({ model: 'm', prompt: 'a', n: '2' }).most).toMatchObject({ images: 2 })
    for (const n of [0, -1, 1.5, 1e9, '1e9', [], 'x'])
      expect(
        refusedParam(() => readCall({ model: 'm', prompt: 'a', n })),
        String(n),
      ).toBe('n')
  })

  it('counts pictures that are given, in a form or by address', () => {
    const files = [{ sizeBytes: 9 }, { sizeBytes: 9 }]
    expect(openAiImageEdits.readCall({ model: 'm', 'image[]': files, mask: files[0] ?? null }).most).toMatchObject({
      inputImage: 3 * 8_192,
    })
    const images = [
      { image_url: 'https://a.example/b.png' },
      { file_id: 'f' },
      { image_url: 'data:image/png;base64,aQ==' },
    ]
    expect(openAiImageEdits.readCall({ model: 'm', images }).most).toMatchObject({ inputImage: 3 * 8_192 })
    expect(readExtent({ model: 'm', images }).unseen).toEqual(['a picture by its address', 'a picture by its id'])
  })

  it('reads a stream whose every picture is completed by an event of its own', () => {
    const events = ['partial_image', 'completed', 'completed'].map((type) => ({
      type: `image_generation.${type}`,
      b64_json: 'aQ==',
      ...(type === 'completed' && { usage: { input_tokens: 5, output_tokens: 7 } }),
    }))
    const bytes = Buffer.from(
      events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
    )
    const call = readCall({ model: 'm', prompt: 'a', stream: true })
    const { meanings, facts } = playStream(openAiImages, call, bytes)
    expect(meanings).toEqual(['content', 'may-end', 'may-end'])
    expect(facts).toMatchObject({ isComplete: true, isUsageFinal: true, usage: { outputImage: 7, images: 2 } })
  })
})
