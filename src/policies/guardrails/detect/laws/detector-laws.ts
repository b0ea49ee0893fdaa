import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Survey } from '../../survey.ts'
import type { Detector } from '../detector.ts'

export interface DetectorSamples {
  /** Texts with what is to be found in them between `«` and `»`. */
  readonly found: readonly string[]
  /** Texts in which it finds nothing. */
  readonly plain: readonly string[]
}

/** The laws of the family: each member passes them in one call. */
export function detectorLaws(detector: Detector, samples: DetectorSamples): void {
  const marked = samples.found.map(readMarks)
  describe(`the detector ${detector.kind}`, () => {
    it.each(samples.found)('finds what is marked in %j', (sample) => {
      const { text, spans } = readMarks(sample)
      expect(spansOf(detector, text)).toEqual(spans)
    })

    it.each(samples.plain)('finds nothing in %j', (text) => {
      expect(spansOf(detector, text)).toEqual([])
    })

    it('finds nothing where it says that it need not be asked', () => {
      const texts = [...marked.map(({ text }) => text), ...samples.plain].flatMap((text) => [
        text,
        `${text}\n`,
        text.slice(1),
      ])
      for (const text of texts)
        if (detector.mayBeIn?.(new Survey(text)) === false) expect(spansOf(detector, text)).toEqual([])
    })

    it('finds the same among other texts', () => {
      for (const { text, spans } of marked) {
        const lead = 'Nothing is here.\n\n'
        expect(spansOf(detector, `${lead}${text}\n\nNor here.`)).toEqual(
          spans.map(([start, end]) => [start + lead.length, end + lead.length]),
        )
      }
    })

    it('G3: whatever is shown of a text that goes on holds no part of a finding, wherever it is cut', () => {
      for (const { text } of [...marked, ...samples.plain.map((plain) => ({ text: plain }))])
        for (const whole of [text, `${text}\n`, `${text} and so on.`]) checkEveryCut(detector, whole)
    })

    it('G3: is so for what is made of pieces of samples', () => {
      const pieces = [...marked.map(({ text }) => text), ...samples.plain].flatMap(
        (text) => text.match(/.{1,7}/gs) ?? [],
      )
      fc.assert(
        fc.property(
          fc.array(fc.constantFrom(...pieces, ' ', '\n', '@', '-', '.', '1', 'a'), { maxLength: 12 }),
          (parts) => checkEveryCut(detector, parts.join('')),
        ),
        { numRuns: 200 },
      )
    })

    it('gives spans in order, within the text, and none that is empty', () => {
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
          let before = 0
          for (const { start, end } of detector.find(text)) {
            expect(start).toBeGreaterThanOrEqual(before)
            expect(end).toBeGreaterThan(start)
            expect(end).toBeLessThanOrEqual(text.length)
            before = end
          }
        }),
        { numRuns: 200 },
      )
    })
  })
}

/** A finding of the whole that begins before what is live in a part is in that part already, as it is in the whole. */
function checkEveryCut(detector: Detector, whole: string): void {
  const spans = detector.find(whole)
  for (let cut = 0; cut < whole.length; cut += 1) {
    const part = whole.slice(0, cut)
    const live = detector.liveFrom(part)
    for (const { start, end } of spans)
      if (start < live) {
        const same = detector.find(part).some((one) => one.start === start && one.end === end)
        expect(
          same,
          `${JSON.stringify(part)} may be shown up to ${live}, and ${JSON.stringify(whole.slice(start, end))} is found later`,
        ).toBe(true)
      }
  }
}

function spansOf(detector: Detector, text: string): readonly (readonly [number, number])[] {
  return detector.find(text).map(({ start, end }) => [start, end] as const)
}

function readMarks(sample: string): { readonly text: string; readonly spans: readonly (readonly [number, number])[] } {
  const spans: [number, number][] = []
  let text = ''
  for (const [place, part] of sample.split(/[«»]/).entries()) {
    if (place % 2 === 1) spans.push([text.length, text.length + part.length])
    text += part
  }
  return { text, spans }
}
