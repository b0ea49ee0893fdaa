import { describe, expect, it } from 'vitest'
import { turnedClock } from '../../../test/turned-clock.ts'
import { openPromptCache } from './prompt-cache.ts'
import type { PromptPart } from './question.ts'

const part = (text: string, cache?: PromptPart['cache']): PromptPart => ({ text, tokens: text.length, cache })

describe('the prompt cache of the simulated provider', () => {
  it('writes up to the mark the first time and reads it the next, and the rest is uncached', () => {
    const cache = openPromptCache(turnedClock())
    const prompt = [part('system', '5m'), part('hello')]
    expect(cache.count('m', prompt)).toEqual({ uncached: 5, cacheRead: 0, cacheWrite5m: 6, cacheWrite1h: 0 })
    expect(cache.count('m', prompt)).toEqual({ uncached: 5, cacheRead: 6, cacheWrite5m: 0, cacheWrite1h: 0 })
  })

  it('goes by the whole prefix and by the model', () => {
    const cache = openPromptCache(turnedClock())
    cache.count('m', [part('tools'), part('system', '5m')])
    expect(cache.count('other', [part('tools'), part('system', '5m')]).cacheRead).toBe(0)
    expect(cache.count('m', [part('Tools'), part('system', '5m')]).cacheRead).toBe(0)
    expect(cache.count('m', [part('tools'), part('system', '5m')]).cacheRead).toBe(11)
  })

  it('a longer prompt reads what was cached and writes what is new, by the lifetime of its mark', () => {
    const cache = openPromptCache(turnedClock())
    cache.count('m', [part('one', '5m')])
    const longer = [part('one', '5m'), part('four', '1h'), part('x')]
    expect(cache.count('m', longer)).toEqual({ uncached: 1, cacheRead: 3, cacheWrite5m: 0, cacheWrite1h: 4 })
    expect(cache.count('m', longer)).toEqual({ uncached: 1, cacheRead: 7, cacheWrite5m: 0, cacheWrite1h: 0 })
  })

  it('a prefix that was cached behind a later mark is read whole, whatever marks come before it', () => {
    const cache = openPromptCache(turnedClock())
    cache.count('m', [part('one'), part('four', '5m')])
    expect(cache.count('m', [part('one', '5m'), part('four', '5m')])).toMatchObject({ cacheRead: 7, cacheWrite5m: 0 })
  })

  it('forgets after the lifetime, and a read renews it', () => {
    const clock = turnedClock()
    const cache = openPromptCache(clock)
    const prompt = [part('system', '5m')]
    cache.count('m', prompt)
    clock.turn(4 * 60_000)
    expect(cache.count('m', prompt).cacheRead).toBe(6)
    clock.turn(4 * 60_000)
    expect(cache.count('m', prompt).cacheRead).toBe(6)
    clock.turn(5 * 60_000)
    expect(cache.count('m', prompt).cacheRead).toBe(0)
  })
})
