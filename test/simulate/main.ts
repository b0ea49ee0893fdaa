import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { playAtTheCaps } from './at-the-caps.ts'
import { runSimulation, type SimulationReport } from './run-simulation.ts'

/*
 * The simulation by hand: `npm run simulate -- --requests 1000000 --seed 7`. The same seed of the same commit is the same story;
 * what breaks an invariant is told with both, so that it can be told again. `--at-the-caps` plays it twice: without caps, and with caps
 * that are exactly what each budget came to, where every refusal is a false one.
 */

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    'crash-every': { type: 'string', default: '5000' },
    accounts: { type: 'string' },
    'at-the-caps': { type: 'boolean', default: false },
  },
})

let lastToldMs = 0
let toldBroken = 0
const startedMs = performance.now()
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD']).toString().trim()
const settings = {
  requests: Number(values.requests),
  seed: Number(values.seed),
  crashEvery: Number(values['crash-every']),
  ...(values.accounts === undefined ? {} : { mostAccounts: Number(values.accounts) }),
}
console.log(
  `commit ${commit}, seed ${settings.seed}, ${settings.requests} requests, a crash in about ${settings.crashEvery}`,
)

const report = values['at-the-caps']
  ? (await playAtTheCaps({ ...settings, onProgress })).exact
  : await runSimulation({ ...settings, onProgress })
tell(report)
console.log(
  Object.entries(report.counts)
    .map(([name, count]) => `  ${name} ${count}`)
    .join('\n'),
)
console.log(
  `overshoot $${nanosText(report.overshootNanos)}, unexplained $${nanosText(report.unexplainedNanos)}, false refusals ${report.counts['falseRefusals']}, broken invariants ${report.counts['brokenInvariants']}`,
)
tellBroken(report)
const hasFalseRefusals = values['at-the-caps'] && report.counts['refused'] !== 0
if (hasFalseRefusals) console.log(`BROKEN ${report.counts['refused']} calls were refused although every cap had room`)
process.exitCode = report.counts['brokenInvariants'] === 0 && !hasFalseRefusals ? 0 : 1

/** What broke is told at once: the story may be long. */
function tellBroken({ broken }: SimulationReport): void {
  // Of the second telling of the same story.
  if (broken.length < toldBroken) toldBroken = 0
  for (const one of broken.slice(toldBroken)) console.log(`BROKEN ${one}`)
  toldBroken = broken.length
}

function onProgress(told: SimulationReport): void {
  tellBroken(told)
  if (performance.now() - lastToldMs < 5_000) return
  lastToldMs = performance.now()
  tell(told)
}

function tell({ counts, simulatedHours }: SimulationReport): void {
  const seconds = (performance.now() - startedMs) / 1_000
  const requests = counts['requests'] ?? 0
  console.log(
    `${requests} requests, ${simulatedHours.toFixed(1)} simulated hours, ${counts['crashes']} crashes, ${counts['brokenInvariants']} broken; ${seconds.toFixed(1)} s, ${Math.round(requests / seconds)} a second`,
  )
}

function nanosText(nanos: bigint): string {
  return `${nanos / 1_000_000_000n}.${String(nanos % 1_000_000_000n).padStart(9, '0')}`
}
