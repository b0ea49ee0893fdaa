import { parseArgs } from 'node:util'
import { runCrashLoops, type CrashOutcome } from './run-loops.ts'

/**
 * Kills a gateway under load, again and again, and compares its books with what the provider served:
 *
 *     npm run crash -- --loops 100 --seed 42
 *
 * `--workers N` gives the gateway worker processes, which are killed too. `--main FILE` drives another gateway, such as `dist/main.js`; `--keep` leaves its folder behind; `--json` prints the
 * outcome as one last line of JSON. Exit code 1 when anything was lost, doubled or wrong, or nothing was proved.
 */
const { values } = parseArgs({
  options: {
    loops: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    main: { type: 'string' },
    workers: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const [loops, seed, workers] = [Number(values.loops), Number(values.seed), Number(values.workers)]
if (!Number.isSafeInteger(workers) || workers < 1) throw new Error('--workers must be a whole number, at least 1')
if (!Number.isSafeInteger(loops) || loops < 1) throw new Error('--loops must be a whole number, at least 1')
if (!Number.isSafeInteger(seed)) throw new Error('--seed must be a whole number')

// Ended by a signal, everything is tidied as at any other end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const tell = (line: string) => void process.stdout.write(`${line}\n`)
tell(`crash: ${loops} loops, seed ${seed}`)
const outcome = await runCrashLoops({
  loops,
  seed,
  tell,
  keep: values.keep,
  workers,
  ...(values.main === undefined ? {} : { mainFile: values.main }),
})
const amount = (kind: string) => outcome.mismatches.filter((mismatch) => mismatch.kind === kind).length
const emptyBecause = whyEmpty(outcome)
report(outcome)
if (values.json) {
  const { kills, finished, records, unknown, integrity, refusedByBudget } = outcome
  const overshoot = outcome.overshoot.toString()
  const counts = { lost: amount('lost'), duplicates: amount('duplicate'), mismatched: amount('wrong') }
  tell(
    JSON.stringify({
      loops,
      kills,
      finished,
      records,
      ...counts,
      unknown,
      integrity,
      refusedByBudget,
      overshoot,
      seed,
    }),
  )
}
process.exitCode =
  outcome.mismatches.length > 0 || outcome.overshoot > 0n || outcome.integrity !== 'ok' || emptyBecause !== undefined
    ? 1
    : 0

function report({ mismatches, ...told }: CrashOutcome): void {
  const shown = 20
  for (const { kind, at, why } of mismatches.slice(0, shown)) tell(`  ${kind}: ${at}: ${why}`)
  if (mismatches.length > shown) tell(`  and ${mismatches.length - shown} more`)
  tell(`kills       ${told.kills} (${told.killsMidRecovery} of them left a recovery half done)`)
  tell(`calls       ${told.calls}, of which clients saw ${told.finished} finish`)
  tell(`records     ${told.records}, of which ${told.unknown} unknown: the gateway was killed under them`)
  tell(`lost ${amount('lost')}, duplicates ${amount('duplicate')}, mismatched ${amount('wrong')}`)
  tell(`budgets     ${told.accounts} accounts, ${told.refusedByBudget} calls refused, overshoot ${told.overshoot}`)
  tell(`integrity   ${told.integrity}`)
  if (emptyBecause !== undefined) tell(`nothing was proved: ${emptyBecause}`)
}

/** A run in which nothing was at stake must not pass for one in which nothing was lost. */
function whyEmpty({ finished, unknown }: CrashOutcome): string | undefined {
  if (finished === 0) return 'no call finished'
  return unknown === 0 ? 'no attempt was under way at any kill' : undefined
}
