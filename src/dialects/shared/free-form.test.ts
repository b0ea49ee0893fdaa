import { describe, expect, it } from 'vitest'
import { isBelow } from './free-form.ts'

describe('free-form places', () => {
  const patterns = [['tools', '*', 'function', 'parameters'], ['metadata']]

  it('a place and all below it match, whatever the number of the tool', () => {
    expect(isBelow(['tools', 12, 'function', 'parameters'], patterns)).toBe(true)
    expect(isBelow(['tools', 0, 'function', 'parameters', 'properties', 'a'], patterns)).toBe(true)
    expect(isBelow(['metadata'], patterns)).toBe(true)
  })

  it('what lies above or beside does not', () => {
    expect(isBelow([], patterns)).toBe(false)
    expect(isBelow(['tools', 0, 'function'], patterns)).toBe(false)
    expect(isBelow(['tools', 0, 'function', 'name'], patterns)).toBe(false)
    expect(isBelow(['messages', 0, 'metadata'], patterns)).toBe(false)
  })
})
