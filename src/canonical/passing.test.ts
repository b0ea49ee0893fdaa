import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PassingMap, PassingSet } from './passing.ts'

const key = fc.integer({ min: 0, max: 40 })
const steps = fc.array(fc.tuple(fc.constantFrom('set', 'delete'), key, fc.integer()), {
  minLength: 1,
  maxLength: 1_500,
})

it('is what a Map and a Set would be, however often it is made anew', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const [map, set] = [new PassingMap<number, number>(), new PassingSet<number>()]
      const [known, members] = [new Map<number, number>(), new Set<number>()]
      for (const [what, place, value] of all) {
        if (what === 'set') {
          map.set(place, value)
          known.set(place, value)
          set.add(place)
          members.add(place)
        } else {
          expect(map.delete(place)).toBe(known.delete(place))
          expect(set.delete(place)).toBe(members.delete(place))
        }
        expect([map.get(place), map.has(place), set.has(place)]).toEqual([
          known.get(place),
          known.has(place),
          members.has(place),
        ])
      }
      expect([...map]).toEqual([...known])
      expect([...set]).toEqual([...members])
      expect([map.size, set.size]).toEqual([known.size, members.size])
    }),
    { numRuns: 30 },
  )
})
