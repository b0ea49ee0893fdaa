import fc from 'fast-check'
import { expect, it } from 'vitest'
import { rendezvous } from './rendezvous.ts'

const targets = ['openai/a', 'openai/b', 'claude/c', 'local/d']
const order = (key: string, among: readonly string[] = targets, weight: (id: string) => number = () => 1) =>
  rendezvous(key, among, (id) => id, weight)

it('gives each key one order, in which every target stands once', () => {
  fc.assert(
    fc.property(fc.string(), (key) => {
      expect(order(key)).toEqual(order(key))
      expect(order(key).toSorted()).toEqual(targets.toSorted())
    }),
  )
})

it('moves only the keys of the target that leaves, each to its second choice', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom(...targets), (key, gone) => {
      const left = order(
        key,
        targets.filter((id) => id !== gone),
      )
      expect(left).toEqual(order(key).filter((id) => id !== gone))
    }),
  )
})

it('shares keys by weight', () => {
  const firsts = new Map<string, number>()
  for (let key = 0; key < 12_000; key += 1) {
    const [first = ''] = order(`session ${key}`, targets, (id) => (id === 'openai/a' ? 3 : 1))
    firsts.set(first, (firsts.get(first) ?? 0) + 1)
  }
  expect((firsts.get('openai/a') ?? 0) / 6_000).toBeCloseTo(1, 1)
  for (const id of targets.slice(1)) expect((firsts.get(id) ?? 0) / 2_000).toBeCloseTo(1, 0.9)
})
