import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compare } from './against.ts'
import { figuresOf, medianOf, names, problemsOf } from './figures.ts'
import type { LoadResult } from './load.ts'
import { works, type Sample, type WorkName } from './measure.ts'
import { reportOf } from './report.ts'

const nothing: LoadResult = {
  seconds: 1,
  answered: 0,
  totalAnswered: 0,
  callsPerSecond: 0,
  failed: 0,
  refused: 0,
  events: 0,
  latencyP50Us: 0,
  latencyP99Us: 0,
  firstByteP50Us: 0,
  firstByteP99Us: 0,
  cpuSeconds: 0,
  userSeconds: 0,
  peakMb: 0,
  residentMb: 0,
  ownCpuSeconds: 0,
}

function sample(work: WorkName, stack: string, load: Partial<LoadResult>, more: Partial<Sample> = {}): Sample {
  return { work, stack, load: { ...nothing, ...load }, stallP99Ms: undefined, problems: [], ...more }
}

/** A core that is full: the calls it can answer are what CPU for one of them tells. */
const saturated = (stack: string, cpuPerCallUs: number) =>
  sample('unary', stack, { cpuSeconds: 0.99, answered: Math.round(990_000 / cpuPerCallUs) })

const wholeRun: readonly Sample[] = [
  saturated(names.nginx, 20),
  saturated(names.nginx, 25),
  saturated(names.weir, 90),
  saturated(names.weir, 60),
  sample('open', names.direct, { latencyP50Us: 100, latencyP99Us: 500 }),
  sample('open', names.weir, { latencyP50Us: 300, latencyP99Us: 2_500 }),
  sample('open', names.weir, { latencyP50Us: 260, latencyP99Us: 9_500 }),
  sample('paced', names.nginx, { cpuSeconds: 0.2, events: 10_000 }),
  sample('paced', names.weir, { cpuSeconds: 0.3, events: 10_000, firstByteP99Us: 4_000 }),
  sample('slow', names.weir, { peakMb: 250 }),
  sample('stall', names.weir, {}, { stallP99Ms: 3 }),
  sample('stall', names.weir, {}, { stallP99Ms: 2.5 }),
  sample('budgets', names.withoutBudgets, { cpuSeconds: 0.2, answered: 1_000 }),
  sample('budgets', names.withBudgets, { cpuSeconds: 0.21, answered: 1_000 }),
  sample('workers', names.oneWorker, { callsPerSecond: 10_000 }),
  sample('workers', names.twoWorkers, { callsPerSecond: 15_000 }),
]

describe('the figures of a run', () => {
  it('are made of the best repetition of both sides', () => {
    expect(figuresOf(wholeRun)).toEqual({
      unaryCpuRatio: 3,
      eventCpuRatio: 1.5,
      addedP50Us: 160,
      addedP99Us: 2_000,
      ttfbP99Us: 4_000,
      streamsMemoryMb: 250,
      stallP99Ms: 2.5,
      workersSpeedup: 1.5,
      budgetsCpuRatio: 1.05,
      valid: true,
    })
  })

  it('that were not measured are null, and a run without a yardstick does not count', () => {
    const figures = figuresOf(wholeRun.filter(({ stack }) => stack === names.weir))
    expect(figures).toMatchObject({ unaryCpuRatio: null, addedP50Us: null, workersSpeedup: null, valid: false })
    expect(figuresOf([])).toMatchObject({ streamsMemoryMb: null, valid: false })
  })

  it.each([
    ['nginx did not fill its core', sample('unary', names.nginx, { cpuSeconds: 0.5, answered: 1 })],
    ['Weir did not fill its core', sample('unary', names.weir, { cpuSeconds: 0.89, answered: 1 })],
    ['a call broke', sample('slow', names.weir, {}, { problems: ['1 connections broke'] })],
  ])('do not count when %s', (_, spoiled) => {
    // Three times, so that it is the median too.
    const samples = [...wholeRun, spoiled, spoiled, spoiled]
    expect(figuresOf(samples).valid).toBe(false)
    expect(problemsOf(samples).join()).toContain(spoiled.stack)
  })

  it('stand in the report with every measurement, and what does not count is said', () => {
    const samples = [...wholeRun, sample('slow', names.weir, {}, { problems: ['the provider saw 3 calls'] })]
    const report = reportOf(samples, figuresOf(samples))
    for (const work of Object.values(works)) expect(report).toContain(`${work.name}: ${work.says}`)
    expect(report).toMatch(/CPU per call, us +60\.0 +60\.0 {2}weir {2}3\.00x nginx/)
    expect(report).toContain('does not count: weir, slow: the provider saw 3 calls')
  })

  it('stand on the page for users, and so do the measurements', () => {
    const page = readFileSync(join(import.meta.dirname, '../docs/performance.md'), 'utf8')
    const rows = [...page.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name]) => name)
    expect(rows).toEqual([...Object.keys(works), ...Object.keys(figuresOf([]))])
  })
})

it('the regression gate lets ten percent pass, of the best repetitions or pair by pair, and no more', () => {
  const here = (cpuPerCallUs: number) => saturated('here', cpuPerCallUs)
  const there = (cpuPerCallUs: number) => saturated('there', cpuPerCallUs)
  const isWithin = (...samples: readonly Sample[]) => compare(samples, 'call', 'unary', 'cpuPerCallUs').isWithin
  expect(isWithin(here(109), here(300), there(100), there(150))).toBe(true)
  expect(isWithin(here(112), here(168), there(100), there(150))).toBe(false)
  // Once the machine was twice as fast, for one side only.
  expect(isWithin(here(102), here(101), here(99), there(100), there(101), there(50))).toBe(true)
  expect(isWithin(there(100), there(150))).toBe(false)
})

it('the median of an even amount is the lower one of the two in the middle', () => {
  expect(medianOf([4, 1, 3, 2])).toBe(2)
  expect(medianOf([])).toBeUndefined()
})
