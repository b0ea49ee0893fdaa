import { describe, expect, it } from 'vitest'
import { ExtentDraft, type Extent } from '../canonical/extent.ts'
import type { JsonObject } from '../canonical/json.ts'
import { openRowShelf } from './price-rows.ts'
import { dearKindsIn } from './worst-kinds.ts'

const shelf = openRowShelf('test', {
  p: {
    plain: { input: '1', output: '2' },
    dear: {
      input: '1',
      output: '2',
      cacheWrite5m: '1.25',
      cacheWrite1h: '2',
      cacheRead: '0.1',
      inputAudio: '10',
      inputImage: '3',
      outputAudio: '20',
      outputImage: '30',
    },
    kept: { input: '1', output: '2', cacheReadAudio: '5', cacheReadImage: '4' },
  },
})

function kinds(model: string, body: JsonObject, extent: Partial<Extent> = {}) {
  const price = shelf.find('p', [model], 0)?.price
  if (!price) throw new Error('no price')
  return dearKindsIn(body, { ...new ExtentDraft().done(), ...extent }, price)
}

const inText = { answersIn: ['text'] }
const cacheWrites = ['cacheWrite5m', 'cacheWrite1h', 'cacheWriteOther']
const sound = { messages: [{ content: [{ inlineData: { mimeType: 'Audio/wav' } }] }] }
const longText = `${'word '.repeat(100)}audio and cache_control`

describe('kinds of tokens that cost more than text', () => {
  it.each<[string, JsonObject, Partial<Extent>, readonly string[], readonly string[]]>([
    ['nothing of the sort', { messages: ['hello'] }, inText, [], []],
    ['a text that speaks of them', { messages: [longText] }, inText, [], []],
    ['a cache mark', { messages: [{ cache_control: {} }] }, inText, cacheWrites, []],
    ['the name of something cached', { cached_content: 'cachedContents/1' }, inText, cacheWrites, []],
    ['a sound', sound, inText, ['inputAudio'], []],
    ['the address of a sound', { url: `data:audio/wav;base64,${'A'.repeat(1_000)}` }, inText, ['inputAudio'], []],
    ['a picture', {}, { ...inText, images: 1 }, ['inputImage'], []],
    ['what is not seen', {}, { ...inText, unseen: ['a file'] }, ['inputImage', 'inputAudio'], []],
    ['an answer in whatever the model can', {}, {}, [], ['outputAudio', 'outputImage']],
    ['an answer in text or a picture', {}, { answersIn: ['text', 'image'] }, [], ['outputImage']],
    ['a spoken answer', {}, { answersIn: ['text', 'audio'] }, [], ['outputAudio']],
  ])('of a call with %s', (_, body, extent, inputKinds, outputKinds) => {
    expect(kinds('dear', body, extent)).toEqual({ inputKinds, outputKinds })
    expect(kinds('plain', body, extent)).toEqual({ inputKinds: [], outputKinds: [] })
  })

  it('are sounds and pictures of a cache too, where a price makes them so', () => {
    expect(kinds('kept', sound, inText).inputKinds).toEqual(['cacheReadAudio'])
    expect(kinds('kept', {}, { ...inText, images: 1 }).inputKinds).toEqual(['cacheReadImage'])
    expect(kinds('kept', { messages: ['hello'] }, inText).inputKinds).toEqual([])
  })
})
