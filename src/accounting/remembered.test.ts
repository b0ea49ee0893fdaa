import { describe, expect, it } from 'vitest'
import { remembered } from './remembered.ts'

describe('a remembered lookup', () => {
  it('is made once for each key, also when it gave nothing', () => {
    const asked: string[] = []
    const find = remembered(10, (key) => {
      asked.push(key)
      return key === 'known' ? 1 : undefined
    })
    expect(['known', 'known', 'unknown', 'unknown'].map(find)).toEqual([1, 1, undefined, undefined])
    expect(asked).toEqual(['known', 'unknown'])
  })

  it('is forgotten past the limit, and made anew', () => {
    let lookups = 0
    const find = remembered(2, () => (lookups += 1))
    expect(['a', 'b', 'a', 'c', 'a'].map(find)).toEqual([1, 2, 1, 3, 4])
  })

  it('of a name as long as a book is not kept', () => {
    let lookups = 0
    const find = remembered(2, () => (lookups += 1))
    const long = 'x'.repeat(257)
    expect([long, long].map(find)).toEqual([1, 2])
  })
})
