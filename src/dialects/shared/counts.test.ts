import { describe, expect, it } from 'vitest'
import { CountReader, largestCount, Whole } from './counts.ts'

describe('counts', () => {
  it('takes the first key that says one; null and absence say nothing', () => {
    const counts = new CountReader()
    expect(counts.count({ b: 3, c: 4 }, 'a', 'b', 'c')).toBe(3)
    expect(counts.count({ a: null, b: 0 }, 'a', 'b')).toBe(0)
    expect(counts.count({}, 'a')).toBeUndefined()
    expect(counts.part({ a: null }, 'a')).toEqual({})
    expect(counts.isBelievable).toBe(true)
  })

  it('M13 what is no count makes all of it unbelievable, even behind one that is', () => {
    for (const value of [-1, 0.5, Number.POSITIVE_INFINITY, 2 ** 53, largestCount + 1, '7', '', [], {}, false]) {
      const counts = new CountReader()
      expect(counts.count({ a: 1, b: value }, 'a', 'b')).toBe(1)
      expect(counts.isBelievable, String(value)).toBe(false)
    }
    const counts = new CountReader()
    expect(counts.part({ a: 'x' }, 'a')).toEqual({})
    expect(counts.isBelievable).toBe(false)
  })

  it('parts are taken from a whole until nothing is left', () => {
    const whole = new Whole(10)
    expect([whole.take(6), whole.take(undefined), whole.take(6), whole.take(1), whole.rest]).toEqual([6, 0, 4, 0, 0])
  })
})
