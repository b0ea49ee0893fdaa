import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'

/*
 * The large sizes of everything that proves the ledger, one after the other: `npm run proof`. CI runs the small ones with the tests.
 * `--times N` multiplies the properties, `--requests N` and `--loops N` size simulation and crash loop, `--seed S` plays one seed again,
 * `--only NAME` runs one step.
 */
const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '50' },
    requests: { type: 'string', default: '1000000' },
    loops: { type: 'string', default: '100' },
    seed: { type: 'string' },
    only: { type: 'string' },
  },
})

interface Step {
  readonly name: string
  readonly command: readonly string[]
}

const vitest = (...files: readonly string[]) => [
  'npx',
  'vitest',
  'run',
  '--reporter=verbose',
  '--testTimeout=3600000',
  ...files,
]
const npm = (script: string, ...args: readonly string[]) => ['npm', 'run', '-s', script, '--', ...args]
const seeded = values.seed === undefined ? [] : ['--seed', values.seed]
const steps: readonly Step[] = [
  { name: 'arithmetic', command: vitest('src/ledger/') },
  { name: 'laws', command: vitest('src/stores/embedded/ledger.test.ts', 'src/workers/remote-ledger.test.ts') },
  { name: 'bounds', command: vitest('test/token-bound.test.ts', 'src/accounting/') },
  { name: 'parallel', command: vitest('test/proof/parallel.test.ts') },
  { name: 'spool', command: vitest('src/stores/embedded/recover-', 'src/ledger/spool-format.test.ts') },
  { name: 'simulation', command: npm('simulate', '--requests', values.requests, ...seeded) },
  { name: 'caps', command: npm('simulate', '--at-the-caps', '--requests', values.requests, ...seeded) },
  { name: 'crash', command: npm('crash', '--loops', values.loops, ...seeded) },
  { name: 'crash of workers', command: npm('crash', '--loops', values.loops, '--workers', '2', ...seeded) },
]

const chosen = steps.filter(({ name }) => values.only === undefined || name === values.only)
if (chosen.length === 0) throw new Error(`--only is one of ${steps.map(({ name }) => name).join(', ')}`)
const times = Number(values.times)
const env = {
  ...process.env,
  WEIR_PROOF_TIMES: values.times,
  WEIR_PROOF_RUNS: String(200 * times),
  ...(values.seed === undefined ? {} : { WEIR_PROOF_SEED: values.seed }),
}
const failed: string[] = []
for (const [place, { name, command }] of chosen.entries()) {
  const startedMs = performance.now()
  console.log(`proof ${place + 1}/${chosen.length}: ${name}: ${command.join(' ')}`)
  const [program = '', ...args] = command
  const [code] = (await once(spawn(program, args, { stdio: 'inherit', env }), 'exit')) as [number | null]
  if (code !== 0) failed.push(name)
  console.log(
    `proof: ${name} ${code === 0 ? 'holds' : 'FAILED'} after ${Math.round((performance.now() - startedMs) / 1_000)} s`,
  )
}
console.log(failed.length === 0 ? 'proof: everything holds' : `proof: FAILED: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
