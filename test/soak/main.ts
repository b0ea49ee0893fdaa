import { parseArgs } from 'node:util'
import { runSoak, type SoakOutcome } from './run-soak.ts'
import type { Tally } from './tally.ts'

/**
 * Loads a gateway for a long time, while its config is reloaded every 5 seconds and one of its workers is killed every 30
 * (`--kill-seconds`):
 *
 *     npm run soak -- --minutes 10 --overload-minutes 2 --workers 2 --seed 42
 *
 * `--main FILE` drives another gateway, such as `dist/main.js`; `--keep` leaves its folder behind; `--json` prints the
 * outcome as one last line of JSON. Exit code 1 when a call was dropped by the gateway, or a record is lost, doubled or wrong.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    'overload-minutes': { type: 'string', default: '2' },
    'kill-seconds': { type: 'string', default: '30' },
    workers: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    main: { type: 'string' },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const number = (name: 'minutes' | 'overload-minutes' | 'kill-seconds' | 'workers' | 'seed'): number => {
  const value = Number(values[name])
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} must be a number, at least 0`)
  return value
}
const tell = (line: string) => void process.stdout.write(`${line}\n`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const settings = {
  minutes: number('minutes'),
  overloadMinutes: number('overload-minutes'),
  killEveryMs: number('kill-seconds') * 1_000,
  workers: number('workers'),
  seed: number('seed'),
}
tell(
  `soak: ${settings.minutes} and ${settings.overloadMinutes} minutes, ${settings.workers} workers, seed ${settings.seed}`,
)
const outcome = await runSoak({
  ...settings,
  tell,
  keep: values.keep,
  ...(values.main === undefined ? {} : { mainFile: values.main }),
})
const troubled = [outcome.steady, outcome.overload].filter((tally) => tally !== undefined)
const dropped = troubled.flatMap((tally) => tally.dropped)
const killed = troubled.reduce((sum, tally) => sum + tally.killed, 0)
const amount = (kind: string) => outcome.mismatches.filter((mismatch) => mismatch.kind === kind).length
report(outcome)
if (values.json)
  tell(
    JSON.stringify({
      ...settings,
      capacityPerSecond: Math.round(outcome.capacityPerSecond),
      dropped: dropped.length,
      onKilledWorkers: killed,
      calmP99Ms: rounded(outcome.calm.p99Ms),
      steadyP99Ms: outcome.steady && rounded(outcome.steady.p99Ms),
      overloadP99Ms: outcome.overload && rounded(outcome.overload.p99Ms),
      records: outcome.records,
      lost: amount('lost'),
      duplicates: amount('duplicate'),
      mismatched: amount('wrong'),
      memoryEarlyMb: outcome.memory.earlyMb,
      memoryLateMb: outcome.memory.lateMb,
      integrity: outcome.integrity,
    }),
  )
process.exitCode = dropped.length > 0 || outcome.mismatches.length > 0 || outcome.integrity !== 'ok' ? 1 : 0

function report({ calm, steady, overload, mismatches, memory, ...told }: SoakOutcome): void {
  const shown = 20
  for (const { kind, at, why } of mismatches.slice(0, shown)) tell(`  ${kind}: ${at}: ${why}`)
  for (const { kind, requestId, status, problemCode, broke, dueMs, endedMs } of dropped.slice(0, shown))
    tell(
      `  dropped: a ${kind} call, ${requestId ?? 'without an id'}, status ${status}, ${problemCode ?? broke ?? 'without a word'}; ` +
        `due at ${dueMs.toFixed(0)}, over at ${endedMs.toFixed(0)} ms`,
    )
  for (const { killedMs, goneMs } of dropped.length > 0 ? told.kills : [])
    tell(`  a worker was killed at ${killedMs.toFixed(0)}, and gone at ${goneMs.toFixed(0)} ms`)
  tell(`capacity    ${told.capacityPerSecond.toFixed(0)} calls/s`)
  tell(`calm        ${lineOf(calm, calm)}`)
  tell(`steady 70%  ${lineOf(steady, calm)}`)
  tell(`over 150%   ${lineOf(overload, calm)}`)
  tell(`trouble     ${told.kills.length} workers killed, ${told.reloads} reloads`)
  tell(`dropped     ${dropped.length} by us; ${killed} were under way on killed workers`)
  tell(`memory      of the primary ${memory.earlyMb} MB early, ${memory.lateMb} MB late, ${memory.mostMb} MB at most`)
  tell(`records     ${told.records}, of which ${told.unknown} unknown`)
  tell(
    `lost ${amount('lost')}, duplicates ${amount('duplicate')}, mismatched ${amount('wrong')}; integrity ${told.integrity}`,
  )
}

function lineOf(tally: Tally | undefined, calm: Tally): string {
  if (tally === undefined) return 'not run: it was given no time'
  const { finished, shed, p50Ms, p99Ms } = tally
  const ratio = calm.p99Ms > 0 ? ` (${(p99Ms / calm.p99Ms).toFixed(1)}x calm)` : ''
  return `${finished} finished, ${shed} shed; p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms${ratio}`
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
