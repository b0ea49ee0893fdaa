import { parseArgs } from 'node:util'
import { detectorsFor, families } from '../src/policies/guardrails/catalog.ts'
import type { Detector } from '../src/policies/guardrails/detect/detector.ts'
import { findAll } from '../src/policies/guardrails/detect/find-all.ts'
import { nearly, worstLength } from '../src/policies/guardrails/evaluate.ts'
import { windowRulesOf } from '../src/policies/guardrails/rules-window.ts'
import { TextWindow } from '../src/policies/guardrails/text-window.ts'
import { streamRules } from '../test/withheld/measure.ts'
import { writeTable } from '../src/cli/table.ts'
import { ofLength, promptLength, timedPrompts } from './guard-texts.ts'

/*
 * What the rules that run here cost, in CPU time of this process:
 *
 *     npm run bench:guardrails              # us for a prompt of 2,048 signs and for a piece of a stream, MB/s on a million of typical and worst text
 *     npm run bench:guardrails -- --kinds   # also each detector by itself
 *     npm run bench:guardrails -- --json    # the same as one line of JSON
 *
 * Every prompt is looked at in turn, again and again. Other work on the machine only ever adds, so the least of the rounds is the cleaner
 * figure and the median beside it tells how busy the machine was.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '60' },
    kinds: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)

interface Timed {
  readonly leastUs: number
  readonly medianUs: number
}

interface Cost extends Timed {
  readonly what: string
}

/** As long as a token of a model. */
const deltaLength = 4

interface Throughput {
  readonly kind: string
  readonly typicalMbPerSecond: number
  readonly worst: string
  readonly worstMbPerSecond: number
}

const prompts = timedPrompts()
const all = detectorsFor(families, [])
const costs: readonly Cost[] = [
  ...families.map((family) => costOf(family, detectorsFor([family], []))),
  costOf('all', all),
  ...(values.kinds ? all.map((detector) => costOf(`  ${detector.kind}`, [detector])) : []),
]
const deltaCosts = costOfDeltas()
const typical = ofLength(prompts.map(({ text }) => text).join('\n'), worstLength)
const worst = Object.entries(nearly).map(([name, unit]) => ({ name, text: ofLength(unit, worstLength) }))
const throughputs = all.map(throughputOf)

if (values.json)
  console.log(JSON.stringify({ promptLength, prompts: prompts.length, rounds, costs, deltaCosts, throughputs }))
else {
  console.log(`us of CPU for a prompt of ${promptLength} signs, over ${prompts.length} prompts, ${rounds} rounds`)
  console.log(
    writeTable<Cost>(
      [
        { title: 'rules', cell: ({ what }) => what },
        { title: 'least', align: 'right', cell: ({ leastUs }) => leastUs.toFixed(1) },
        { title: 'median', align: 'right', cell: ({ medianUs }) => medianUs.toFixed(1) },
      ],
      costs,
    ),
  )
  console.log(
    `us of CPU for each ${deltaLength} signs of a stream: least ${deltaCosts.leastUs.toFixed(1)}, median ${deltaCosts.medianUs.toFixed(1)}\n`,
  )
  console.log('MB/s on 1 MB of typical text, and of the worst that the detector meets')
  console.log(
    writeTable<Throughput>(
      [
        { title: 'detector', cell: ({ kind }) => kind },
        { title: 'typical', align: 'right', cell: ({ typicalMbPerSecond }) => typicalMbPerSecond.toFixed(1) },
        { title: 'worst', align: 'right', cell: ({ worstMbPerSecond }) => worstMbPerSecond.toFixed(1) },
        { title: 'of', cell: (one) => one.worst },
      ],
      throughputs,
    ),
  )
}

function costOf(what: string, detectors: readonly Detector[]): Cost {
  const lookAtAll = () => {
    for (const { text } of prompts) findAll(detectors, text)
  }
  return { what, ...timed(lookAtAll, prompts.length, rounds) }
}

/** Of everything but injections, which no stream can be asked for. */
function costOfDeltas(): Timed {
  const pieces = prompts.slice(0, 10).map(({ text }) => text.match(/.{1,4}/gs) ?? [])
  const streamAll = () => {
    for (const stream of pieces) {
      const rules = windowRulesOf({ rules: streamRules, write: () => '', note: () => {}, isJsonText: false })
      const window = new TextWindow(rules)
      for (const piece of stream) window.push(piece)
      window.end()
    }
  }
  return timed(streamAll, pieces.flat().length, rounds / 4)
}

/** @param parts of the work, of which the time of one is told. */
function timed(work: () => void, parts: number, times: number): Timed {
  for (let round = 0; round < times / 4; round += 1) work()
  const taken = Array.from({ length: times }, () => cpuUs(work) / parts).toSorted((one, other) => one - other)
  return { leastUs: taken[0] ?? 0, medianUs: taken[Math.floor(taken.length / 2)] ?? 0 }
}

function throughputOf(detector: Detector): Throughput {
  const speedOn = (text: string) =>
    text.length /
    Math.max(
      1,
      leastOf(3, () => findAll([detector], text)),
    )
  const slowest = worst
    .map(({ name, text }) => ({ name, speed: speedOn(text) }))
    .reduce((one, other) => (other.speed < one.speed ? other : one))
  return {
    kind: detector.kind,
    typicalMbPerSecond: speedOn(typical),
    worst: slowest.name,
    worstMbPerSecond: slowest.speed,
  }
}

function leastOf(times: number, work: () => void): number {
  return Math.min(...Array.from({ length: times }, () => cpuUs(work)))
}

function cpuUs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}
