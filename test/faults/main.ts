import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { faultCases } from './cases/all.ts'
import { openOwnProcess } from './own-process.ts'
import { randomFault, runRandomFault } from './random.ts'
import { openTrial, runCase } from './trial.ts'
import { mismatchesOf } from './truth.ts'

/**
 * Plays every fault against a gateway as a process of its own, with real pauses and all limits divided by 60:
 *
 *     npm run faults -- --seed 42
 *
 * `--only 7` plays one fault. `--random 1000` plays as many random ones besides. Exit code 1 when one did not come out as it must.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
    random: { type: 'string', default: '0' },
  },
})
const [seed, random] = [Number(values.seed), Number(values.random)]
if (!Number.isSafeInteger(seed)) throw new Error('--seed must be a whole number')
if (!Number.isSafeInteger(random) || random < 0) throw new Error('--random must be a whole number')
const only = values.only === undefined ? undefined : Number(values.only)
const chosen = faultCases.filter(({ fault }) => only === undefined || fault === only)
if (chosen.length === 0) throw new Error(`there is no case of fault ${values.only}`)

// Ended by a signal, everything is tidied as at any other end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

/** Shrinking what failed takes real pauses too. */
const longestRandomMs = 3_600_000
const tell = (line: string) => void process.stdout.write(`${line}\n`)
tell(`faults: ${chosen.length} cases, seed ${seed}`)
const house = await openOwnProcess(seed)
const altered = new Set<string>()
let failed = 0
for (const one of chosen) {
  const beganMs = performance.now()
  const problem = await runCase(house, one).then(
    () => undefined,
    (thrown: unknown) => (thrown instanceof Error ? thrown : new Error(String(thrown))),
  )
  const took = `${Math.round(performance.now() - beganMs)} ms`
  tell(`${problem ? 'FAILED' : 'ok'.padEnd(6)} ${took.padStart(9)}  ${one.name}`)
  if (!problem) continue
  failed += 1
  tell(`       ${String(problem.stack).replaceAll('\n', '\n       ')}`)
}
if (random > 0) failed += await playRandom()
const mismatches = mismatchesOf(await house.close(), altered)
for (const { kind, at, why } of mismatches) tell(`${kind}: ${at}: ${why}`)
failed += mismatches.length
tell(`books against what the provider served: ${mismatches.length} mismatches`)
tell(failed === 0 ? 'all came out as they must' : `${failed} did not come out as they must`)

/** @returns 1 when one of them did not come out as it must, which is then told with the smallest one like it. */
async function playRandom(): Promise<0 | 1> {
  const trial = openTrial(house)
  const beganMs = performance.now()
  const outcome = await fc.check(
    fc.asyncProperty(randomFault, (fault) => runRandomFault(trial, fault, altered)),
    { numRuns: random, seed, interruptAfterTimeLimit: longestRandomMs, markInterruptAsFailure: true },
  )
  const took = `${Math.round(performance.now() - beganMs)} ms`
  tell(`${outcome.failed ? 'FAILED' : 'ok    '} ${took.padStart(9)}  ${outcome.numRuns} random faults`)
  if (!outcome.failed) return 0
  tell(fc.defaultReportMessage(outcome) ?? '')
  return 1
}

// A case that failed may have left a call behind, which must not keep this process alive.
process.exit(failed > 0 ? 1 : 0)
