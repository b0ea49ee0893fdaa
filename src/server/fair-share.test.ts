import { describe, expect, it } from 'vitest'
import { FairShare, rememberedMs } from './fair-share.ts'

describe('a fair share', () => {
  it('of one who is alone is everything', () => {
    const shares = new FairShare()
    for (let place = 0; place < 99; place += 1) shares.enter('acme', 'k1', 0)
    expect(shares.hasShare('acme', 'k1', 100, 0)).toBeUndefined()
    shares.enter('acme', 'k1', 0)
    expect(shares.hasShare('acme', 'k1', 100, 0)).toBe('organisation')
  })

  it('is the whole divided by the organisations that are here, then by their keys', () => {
    const shares = new FairShare()
    for (let place = 0; place < 20; place += 1) shares.enter('acme', 'k1', 0)
    shares.enter('acme', 'k2', 0)
    shares.enter('other', 'k3', 0)
    expect(shares.hasShare('acme', 'k1', 40, 0)).toBe('organisation')
    expect(shares.hasShare('acme', 'k1', 60, 0)).toBe('key')
    expect(shares.hasShare('acme', 'k2', 60, 0)).toBeUndefined()
    expect(shares.hasShare('other', 'k3', 60, 0)).toBeUndefined()
  })

  it('counts who was here within the last minute, and forgets who was not', () => {
    const shares = new FairShare()
    shares.enter('acme', 'k1', 0)
    shares.enter('other', 'k2', 0)
    shares.leave('other', 'k2', 1_000)
    expect(shares.hasShare('acme', 'k1', 2, 1_000 + rememberedMs)).toBe('organisation')
    expect(shares.organisations).toBe(2)
    expect(shares.hasShare('acme', 'k1', 2, 3_000 + rememberedMs)).toBeUndefined()
    expect(shares.organisations).toBe(1)
  })

  it('of more callers than there are places is less than one place: who has none gets in', () => {
    const shares = new FairShare()
    for (let place = 0; place < 50; place += 1) shares.enter(`o${place}`, 'k', 0)
    expect(shares.hasShare('o1', 'k', 20, 0)).toBe('organisation')
    expect(shares.hasShare('new', 'k', 20, 0)).toBeUndefined()
  })
})
