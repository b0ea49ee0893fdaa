import { describe, expect, it } from 'vitest'
import { pricesPath, pricesSettings } from './settings.ts'

describe('the `prices` key of the config', () => {
  it('names a file, or is absent', () => {
    expect(pricesSettings.safeParse(undefined).success).toBe(true)
    expect(pricesPath(pricesSettings.parse('file:./prices.yaml') ?? '')).toBe('./prices.yaml')
  })

  it.each(['', 'prices.yaml', 'file:', 'env:PRICES', 'https://example.com/prices.json'])('is not "%s"', (text) => {
    expect(pricesSettings.safeParse(text).success).toBe(false)
  })
})
