import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PassingMap, Slots } from './passing.ts'

const key = fc.integer({ min: 0, max: 40 })
const steps = fc.array(fc.tuple(fc.constantFrom('set', 'delete'), key, fc.integer()), {
  minLength: 1,
  maxLength: 1_500,
})

it('is what a Map would be, however often its table is made anew', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const map = new PassingMap<number, number>()
      const known = new Map<number, number>()
      for (const [what, place, value] of all) {
        if (what === 'set') {
          map.set(place, value)
          known.set(place, value)
        } else expect(map.delete(place)).toBe(known.delete(place))
        expect([map.get(place), map.has(place)]).toEqual([known.get(place), known.has(place)])
      }
      expect([...map]).toEqual([...known])
      expect(map.size).toBe(known.size)
    }),
    { numRuns: 30 },
  )
})

it('keeps each value at a place of its own until it is removed', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const slots = new Slots<number>()
      const known = new Map<number, number>()
      for (const [what, , value] of all) {
        const [oldest] = known.keys()
        if (what === 'delete' && oldest !== undefined) {
          slots.remove(oldest)
          known.delete(oldest)
        } else {
          const place = slots.add(value)
          expect(known.has(place)).toBe(false)
          known.set(place, value)
        }
        for (const [place, kept] of known) expect(slots.at(place)).toBe(kept)
      }
      expect([...slots].toSorted(ascending)).toEqual([...known.values()].toSorted(ascending))
      expect(slots.size).toBe(known.size)
    }),
    { numRuns: 30 },
  )
})

const ascending = (one: number, other: number): number => one - other
