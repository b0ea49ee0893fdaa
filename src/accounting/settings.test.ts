import { describe, expect, it } from 'vitest'
import { pricesPaths, pricesSettings } from './settings.ts'

describe('the `prices` key of the config', () => {
  it('names a file, or is absent', () => {
    expect(pricesSettings.safeParse(undefined).success).toBe(true)
    expect(pricesPaths(pricesSettings.parse(undefined))).toEqual([])
    expect(pricesPaths(pricesSettings.parse('file:./prices.yaml'))).toEqual(['./prices.yaml'])
  })

  it('names several files, the lowest first', () => {
    expect(pricesPaths(pricesSettings.parse(['file:list.yaml', 'file:contract.yaml']))).toEqual([
      'list.yaml',
      'contract.yaml',
    ])
    expect(pricesSettings.safeParse([]).success).toBe(false)
    expect(pricesSettings.safeParse(['contract.yaml']).success).toBe(false)
  })

  it.each(['', 'prices.yaml', 'file:', 'env:PRICES', 'https://example.com/prices.json'])('is not "%s"', (text) => {
    expect(pricesSettings.safeParse(text).success).toBe(false)
  })
})
