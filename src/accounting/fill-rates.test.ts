import { describe, expect, it } from 'vitest'
import { assumedSearchRate, fillRates, googleSearchPrice } from './fill-rates.ts'
import { rateOfNumber as usd, writeRate } from './rates.ts'

const plain = { isClaude: false, hasRequestFee: false }
const claude = { isClaude: true, hasRequestFee: false }

describe('gaps in a price list', () => {
  it('are filled by input and output, and every one of them is told', () => {
    const { rates, notes } = fillRates({ inputUncached: usd(3), outputText: usd(15) }, plain)
    const told = Object.fromEntries(Object.entries(rates).map(([component, rate]) => [component, writeRate(rate)]))
    expect(told).toEqual({
      inputUncached: '3',
      cacheRead: '3',
      cacheReadAudio: '3',
      cacheReadImage: '3',
      cacheWrite5m: '3',
      cacheWrite1h: '3',
      cacheWriteOther: '3',
      inputAudio: '3',
      inputImage: '3',
      outputText: '15',
      outputReasoning: '15',
      outputAudio: '15',
      outputImage: '15',
      webSearches: '10000',
      searches: '0',
      images: '0',
      audioSeconds: '0',
      characters: '0',
    })
    expect(notes).toHaveLength(12)
  })

  it('are not filled where a price is listed, and nothing is told then', () => {
    const one = usd(1)
    const given = {
      inputUncached: one,
      cacheRead: one,
      cacheReadAudio: one,
      cacheReadImage: one,
      cacheWrite5m: one,
      cacheWrite1h: one,
      cacheWriteOther: one,
      inputAudio: one,
      inputImage: one,
      outputText: one,
      outputReasoning: one,
      outputAudio: one,
      outputImage: one,
      webSearches: one,
      searches: one,
      images: one,
      audioSeconds: one,
      characters: one,
    }
    expect(fillRates(given, claude)).toEqual({ rates: given, unrated: new Set(), notes: [] })
  })

  it('of Claude cache writes are filled by the documented multiples, rounded up', () => {
    const { rates, notes } = fillRates({ inputUncached: 3n, outputText: 15n }, claude)
    expect(rates).toMatchObject({ cacheWrite5m: 4n, cacheWriteOther: 4n, cacheWrite1h: 6n })
    expect(notes).toContain("cacheWrite1h is charged 2 x input, Anthropic's documented multiple")
  })

  it('of longer cache writes cost what shorter ones cost, where a price for those is listed', () => {
    const { rates } = fillRates({ inputUncached: usd(1), outputText: usd(2), cacheWrite5m: usd(1.25) }, plain)
    expect(rates).toMatchObject({ cacheWrite1h: usd(1.25), cacheWriteOther: usd(1.25) })
  })

  it('of cached sounds and pictures cost what a cache costs else', () => {
    const { rates, notes } = fillRates({ inputUncached: usd(4), outputText: usd(16), cacheRead: usd(0.4) }, plain)
    expect(rates).toMatchObject({ cacheReadAudio: usd(0.4), cacheReadImage: usd(0.4) })
    expect(notes).toContain('cacheReadAudio is charged as cacheRead')
  })

  it('on either side are filled by the other side, never by nothing (M10)', () => {
    expect(fillRates({ inputUncached: usd(0.02) }, plain).rates.outputText).toBe(usd(0.02))
    expect(fillRates({ outputText: usd(0.02) }, plain).rates.inputUncached).toBe(usd(0.02))
  })

  it('of web searches are filled by an assumed price, by the fee of the call, or by nothing where all is free', () => {
    const given = { inputUncached: usd(1), outputText: usd(1) }
    const free = { inputUncached: 0n, outputText: 0n }
    expect(fillRates(given, plain).rates.webSearches).toBe(assumedSearchRate)
    expect(fillRates(given, { ...plain, hasRequestFee: true }).rates.webSearches).toBe(0n)
    expect(fillRates(free, plain).rates.webSearches).toBe(0n)
  })

  it('of Google’s searches are filled by what other tables list, the dearer where the model’s name tells nothing', () => {
    const given = { inputUncached: usd(1), outputText: usd(1) }
    const costs = ['gemini-2.5-pro', 'gemini-flash-latest', 'gemini-3-flash-preview', 'gemini-3.5-flash'].map(
      (name) => fillRates(given, { ...plain, search: googleSearchPrice(name) }).rates.webSearches,
    )
    expect(costs).toEqual([usd(35_000), usd(35_000), usd(14_000), usd(14_000)])
    expect(googleSearchPrice('claude-opus-4-8')).toBeUndefined()
  })

  it('of units stay gaps: nothing stands in for them, unless everything is free (M10)', () => {
    const units = ['searches', 'images', 'audioSeconds', 'characters']
    const given = { inputUncached: usd(1), outputText: usd(1) }
    expect([...fillRates(given, plain).unrated]).toEqual(units)
    expect([...fillRates({ ...given, images: usd(40_000, 1_000_000) }, plain).unrated]).not.toContain('images')
    expect(fillRates({ inputUncached: 0n, outputText: 0n }, plain).unrated.size).toBe(0)
  })

  it('of tokens stay gaps where only a unit has a price', () => {
    const { unrated } = fillRates({ audioSeconds: usd(0.0001, 1) }, plain)
    expect(unrated.has('audioSeconds')).toBe(false)
    for (const component of ['inputUncached', 'outputText', 'inputAudio', 'images'] as const)
      expect(unrated.has(component), component).toBe(true)
  })
})
