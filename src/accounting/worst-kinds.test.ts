import { describe, expect, it } from 'vitest'
import { ExtentDraft, type Extent } from '../canonical/extent.ts'
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
  },
})

function kinds(model: string, body: object, extent: Partial<Extent> = {}) {
  const price = shelf.find('p', [model], 0)?.price
  if (!price) throw new Error('no price')
  return dearKindsIn(Buffer.from(JSON.stringify(body)), { ...new ExtentDraft().done(), ...extent }, price)
}

describe('kinds of tokens that cost more than text', () => {
  it.each([
    ['nothing of the sort', { messages: ['hello'] }, {}, [], []],
    ['a cache mark', { cache_control: {} }, {}, ['cacheWrite5m', 'cacheWrite1h', 'cacheWriteOther'], []],
    ['audio', { modalities: ['text', 'audio'] }, {}, ['inputAudio'], ['outputAudio']],
    ['a picture', {}, { images: 1 }, ['inputImage'], []],
    ['what is not seen', {}, { unseen: ['a file'] }, ['inputImage', 'inputAudio'], ['outputAudio']],
    ['a picture to be drawn', { responseModalities: ['IMAGE'] }, {}, [], ['outputImage']],
  ])('of a call with %s', (_, body, extent, inputKinds, outputKinds) => {
    expect(kinds('dear', body, extent)).toEqual({ inputKinds, outputKinds })
    expect(kinds('plain', body, extent)).toEqual({ inputKinds: [], outputKinds: [] })
  })
})
