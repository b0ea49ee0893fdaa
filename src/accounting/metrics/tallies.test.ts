import fc from 'fast-check'
import { Counter, Histogram, Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { TalliedCounter, TalliedHistogram } from './tallies.ts'

const kinds = ['one', 'two "quoted"\n'] as const

it('a scrape of tallied metrics reads as one of prom-client reads', async () => {
  const counts = fc.array(
    fc.record({ kind: fc.constantFrom(...kinds), value: fc.double({ min: 0, max: 20, noNaN: true }) }),
  )
  await fc.assert(
    fc.asyncProperty(counts, async (counted) => {
      const theirs = new Registry()
      const ours = new Registry()
      const named = { help: 'help', labelNames: ['kind'] as const }
      const buckets = [0.5, 1, 10]
      const counter = new Counter({ ...named, name: 'a_total', registers: [theirs] })
      const histogram = new Histogram({ ...named, name: 'b', buckets, registers: [theirs] })
      const talliedCounter = new TalliedCounter({ ...named, name: 'a_total', registers: [ours] })
      const talliedHistogram = new TalliedHistogram({ ...named, name: 'b', buckets, registers: [ours] })
      talliedCounter.tally({ kind: 'never counted' })
      talliedHistogram.spread({ kind: 'never counted' })
      for (const { kind, value } of counted) {
        counter.inc({ kind }, value)
        histogram.observe({ kind }, value)
        talliedCounter.tally({ kind }).add(value)
        talliedHistogram.spread({ kind }).observe(value)
      }
      expect(await ours.metrics()).toBe(await theirs.metrics())
      const asJson = await ours.getMetricsAsJSON()
      expect(asJson.map(({ name, type }) => [name, type])).toEqual([
        ['a_total', 'counter'],
        ['b', 'histogram'],
      ])
    }),
  )
})

it('a value on a bound belongs to the bucket below it', async () => {
  const registry = new Registry()
  const histogram = new TalliedHistogram({
    name: 'b',
    help: 'h',
    labelNames: [] as const,
    buckets: [1, 2],
    registers: [registry],
  })
  const spread = histogram.spread({})
  spread.observe(1)
  spread.observe(2.5)
  expect(await registry.metrics()).toContain('b_bucket{le="1"} 1\nb_bucket{le="2"} 1\nb_bucket{le="+Inf"} 2\nb_sum 3.5')
})
