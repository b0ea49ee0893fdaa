import { describe, expect, it } from 'vitest'
import { serviceOfVersion, unpricedVersion } from '../canonical/service.ts'
import { noUsage } from '../canonical/usage.ts'
import { openPriceBook } from './price-book.ts'

const atMs = Date.UTC(2026, 10, 29)
const usage = { ...noUsage, inputUncached: 1_000, cacheRead: 1_000, outputText: 1_000, webSearches: 1 }
const book = openPriceBook({
  overrides: {
    openai: { 'gpt-5.4': { input: '1', output: '2' }, own: { input: '1', output: '2' } },
    local: { llama: { input: '0', output: '0' } },
  },
  files: [],
  priceProviders: new Map([
    ['openai', 'openai'],
    ['anthropic', 'anthropic'],
    ['google', 'google'],
    ['aws', 'aws'],
    ['azure', 'azure'],
    ['local', undefined],
  ]),
})
const lookup = (provider: string, modelName: string, service?: string) =>
  book.priceFor(provider, provider === 'local' ? undefined : provider, [modelName], atMs, service)

describe('the price of an answer that was not served as the list means', () => {
  it.each([
    ['openai', 'gpt-5.5', 'priority', 2, '+100%'],
    ['openai', 'gpt-5.5-2026-04-23', 'flex', 1 / 2, '-50%'],
    ['openai', 'gpt-4o', 'priority', 1.7, '+70%'],
    ['openai', 'gpt-4o-2024-05-13', 'priority', 1.75, '+75%'],
    ['openai', 'gpt-4o-mini-2024-07-18', 'priority', 5 / 3, '+66.67%'],
    ['anthropic', 'claude-opus-4-6', 'fast', 6, '+500%'],
    ['anthropic', 'claude-opus-4-8', 'fast', 2, '+100%'],
    ['anthropic', 'claude-sonnet-4-6', 'geo:us', 1.1, '+10%'],
    ['anthropic', 'claude-opus-4-7', 'fast geo:us', 6.6, '+560%'],
    ['google', 'gemini-3-flash-preview', 'priority', 1.8, '+80%'],
    ['aws', 'qwen.qwen3-32b-v1:0', 'priority', 1.75, '+75%'],
  ])('%s: %s as %s', (provider, modelName, service, times, suffix) => {
    const [standard, served] = [lookup(provider, modelName), lookup(provider, modelName, service)]
    if (standard.kind === 'unpriced' || served.kind === 'unpriced') throw new Error('has no price')
    const tokens = { ...usage, webSearches: 0 }
    const ratio = Number(served.price.costOf(tokens)) / Number(standard.price.costOf(tokens))
    expect(ratio).toBeCloseTo(times, 4)
    const fee = { ...noUsage, webSearches: 1 }
    expect(served.price.costOf(fee)).toBe(standard.price.costOf(fee))
    expect(served.price.version).toBe(`${standard.price.version}${suffix}, served as ${service}`)
    expect(lookup(provider, modelName, service)).toStrictEqual(served)
    expect(serviceOfVersion(served.price.version)).toBe(service)
  })

  it.each([
    ['openai', 'gpt-5.4-nano', 'priority'],
    ['openai', 'gpt-5.5', 'scale'],
    ['openai', 'own', 'priority'],
    ['anthropic', 'claude-opus-4-6', 'priority'],
    ['anthropic', 'claude-opus-4-6', 'fast geo:eu'],
    ['azure', 'gpt-4o', 'priority'],
  ])('M10: %s: %s as %s has none, where nobody publishes it', (provider, modelName, service) => {
    expect(lookup(provider, modelName).kind).toBe('priced')
    expect(lookup(provider, modelName, service)).toMatchObject({
      kind: 'unpriced',
      reason: expect.stringContaining(`served as ${service}`),
    })
  })

  it('is the same multiple of a price that somebody wrote down', () => {
    const served = lookup('openai', 'gpt-5.4', 'priority')
    expect(served.kind === 'priced' && served.price.ratesOf(usage)).toMatchObject({
      inputUncached: '2',
      outputText: '4',
    })
    expect(served.kind === 'priced' && served.price.version).toBe('config/openai/gpt-5.4+100%, served as priority')
  })

  it('stays nothing where a model is free, and says how it was served, should the price be mended', () => {
    const served = lookup('local', 'llama', 'priority')
    expect(served.kind === 'priced' && served.price.costOf(usage)).toBe(0n)
    expect(served.kind === 'priced' && served.price.version).toBe('config/local/llama, served as priority')
  })

  it('does not go by the place where the name of a model says it', () => {
    expect(lookup('google', 'claude-opus-4-8', 'geo:europe-west1')).toStrictEqual(lookup('google', 'claude-opus-4-8'))
  })

  it('is told by the version of a record without a price too', () => {
    expect(serviceOfVersion(unpricedVersion('scale'))).toBe('scale')
    expect([undefined, 'mixed', 'config/openai/gpt-5.4'].map(serviceOfVersion)).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})
