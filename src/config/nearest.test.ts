import { describe, expect, it } from 'vitest'
import { nearest } from './nearest.ts'

describe('nearest', () => {
  const keys = ['kind', 'when', 'credentials', 'apiKey', 'baseUrl', 'per', 'usd']

  it.each([
    ['knd', 'kind'],
    ['kidn', 'kind'],
    ['Kind', 'kind'],
    ['api_key', 'apiKey'],
    ['API-KEY', 'apiKey'],
    ['credentails', 'credentials'],
    ['baseURL', 'baseUrl'],
    ['base_urll', 'baseUrl'],
    ['pre', 'per'],
  ])('%s means %s', (written, meant) => {
    expect(nearest(written, keys)).toBe(meant)
  })

  it.each(['', 'k', 'weight', 'zzz', 'prices', 'k'.repeat(1_000_000)])('nothing is near %.10s', (written) => {
    expect(nearest(written, keys)).toBeUndefined()
  })

  it('the nearest wins, and the first among equals', () => {
    expect(nearest('gpt-5.3', ['gpt-5', 'gpt-5.2', 'gpt-5.1'])).toBe('gpt-5.2')
    expect(nearest('smart', ['smartest', 'smarts'])).toBe('smarts')
  })

  it('a name is not its own suggestion, but its other spelling is', () => {
    expect(nearest('kind', ['kind'])).toBeUndefined()
    expect(nearest('gpt_5', ['gpt-5'])).toBe('gpt-5')
  })

  it('a name of letters outside ASCII is compared like any other', () => {
    expect(nearest('straße', ['strase'])).toBe('strase')
  })
})
