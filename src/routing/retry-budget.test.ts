import fc from 'fast-check'
import { expect, it } from 'vitest'
import { mostRetries, openRetryBudget } from './retry-budget.ts'

it('is a fifth of the first tries under way, and at least three', () => {
  expect([0, 15, 19, 20, 100, 1_000].map((attempts) => mostRetries(attempts, 0))).toEqual([3, 3, 3, 4, 20, 200])
  // Retries under way do not raise their own bound.
  expect(mostRetries(120, 20)).toBe(20)
})

it('fault 18: is never exceeded, gateway-wide or at a target, and is given back whole', () => {
  const step = fc.record({
    target: fc.constantFrom('a', 'b', 'c'),
    what: fc.constantFrom('begin', 'end', 'take', 'give'),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const running = new Map<string, number>()
      const at = (id: string) => running.get(id) ?? 0
      const inAll = () => [...running.values()].reduce((sum, one) => sum + one, 0)
      const budget = openRetryBudget({
        running: at,
        get runningInAll() {
          return inAll()
        },
      })
      const held: { readonly target: string; readonly release: () => void }[] = []
      for (const { target, what } of steps) {
        if (what === 'begin') running.set(target, at(target) + 10)
        if (what === 'end') running.set(target, Math.max(at(target) - 10, 0))
        if (what === 'give') held.pop()?.release()
        if (what !== 'take') continue
        const before = { here: held.filter((one) => one.target === target).length, all: held.length }
        const release = budget.take(target)
        const hasRoom =
          before.all < mostRetries(inAll(), before.all) && before.here < mostRetries(at(target), before.here)
        expect(release !== undefined).toBe(hasRoom)
        if (release) held.push({ target, release })
        expect(budget.underWay).toBe(held.length)
      }
      for (const { release } of held) {
        release()
        release()
      }
      expect(budget.underWay).toBe(0)
    }),
  )
})
