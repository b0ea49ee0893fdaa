import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir, availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runAgainst } from './against.ts'
import { holdMachine } from './alone.ts'
import { figuresOf, names, type Figures } from './figures.ts'
import { bare } from './gateways/bare.ts'
import { direct } from './gateways/direct.ts'
import { hasNginx, nginx } from './gateways/nginx.ts'
import { portkey } from './gateways/portkey.ts'
import { knownParts } from './gateways/weir-config.ts'
import { weir } from './gateways/weir.ts'
import { works, type Work } from './measure.ts'
import { reportOf } from './report.ts'
import { runInterleaved, type Step } from './run.ts'
import { buildTools, type Tools } from './tools.ts'

/**
 * What Weir costs, beside nginx: see docs/performance.md.
 *
 *     npm run bench -- [--quick] [--json] [--repetitions N] [--only unary,paced] [--portkey FOLDER] [--profile FOLDER]
 *     npm run bench -- --against REVISION
 *
 * The report goes to stdout, progress to stderr. Exit code 1 when the run does not count, or the gate is not passed.
 */
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    repetitions: { type: 'string', default: '5' },
    only: { type: 'string' },
    portkey: { type: 'string' },
    profile: { type: 'string' },
    against: { type: 'string' },
  },
})
const repetitions = options.quick ? 1 : Number(options.repetitions)
if (!Number.isSafeInteger(repetitions) || repetitions < 1)
  throw new Error('--repetitions must be a whole number, at least 1')
const wanted = options.only?.split(',') ?? Object.keys(works)
for (const name of wanted)
  if (!Object.hasOwn(works, name)) throw new Error(`--only knows ${Object.keys(works).join(', ')}, not "${name}"`)

// Ended by a signal, everything is tidied as at any other end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const dir = mkdtempSync(join(tmpdir(), 'weir-bench-'))
process.once('exit', () => rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }))

const tell = (line: string) => void process.stderr.write(`bench: ${line}\n`)
const tools = readyTools()
if ('missing' in tools) {
  tell(tools.missing)
  end(figuresOf([]))
} else if (options.against === undefined) await runAll(tools)
else await runGate(tools, options.against)

async function runAll(built: Tools): Promise<void> {
  if (!hasNginx())
    tell('nginx is missing, so there is no yardstick and the run does not count: apt-get install nginx-light')
  const samples = await runInterleaved(built, dir, stepsOf(), repetitions, tell)
  const figures = figuresOf(samples)
  process.stdout.write(reportOf(samples, figures))
  end(figures)
}

function stepsOf(): readonly Step[] {
  const root = join(import.meta.dirname, '..')
  const everything = knownParts(root, dir)
  const parts = everything.difference(new Set(['budgets']))
  const yardstick = hasNginx() ? [nginx] : []
  const peers = options.portkey === undefined ? [] : [portkey(options.portkey)]
  const ours = weir({ name: names.weir, root, parts, workers: 1, profileDir: options.profile })
  const one = weir({ name: names.oneWorker, root, parts, workers: 1 })
  const two = weir({ name: names.twoWorkers, root, parts, workers: 2 })
  if (!parts.has('workers')) tell('this revision has no server.workers: one worker against two is not measured')
  const free = weir({ name: names.withoutBudgets, root, parts, workers: 1 })
  const budgeted = weir({ name: names.withBudgets, root, parts: everything, workers: 1, profileDir: options.profile })
  const stacks = {
    unary: [...yardstick, bare, ours, ...peers],
    budgets: everything.has('budgets') ? [free, budgeted] : [],
    open: [direct, ...yardstick, ours, ...peers],
    paced: [direct, ...yardstick, bare, ours, ...peers],
    slow: [ours],
    stall: [weir({ name: names.weir, root, parts, workers: 1, hasStallProbe: true })],
    workers: parts.has('workers') ? [one, two] : [],
  }
  return Object.values(works)
    .filter(({ name }) => wanted.includes(name))
    .flatMap((work) => stacks[work.name].map((stack) => ({ work: options.quick ? quick(work) : work, stack })))
}

/** Long enough to see that everything works, too short for a figure to be trusted. */
function quick(work: Work): Work {
  const { before: _, ...rest } = work
  return { ...rest, warmUpSeconds: Math.min(1, work.warmUpSeconds), warmUpCalls: 0, seconds: 1 }
}

async function runGate(built: Tools, revision: string): Promise<void> {
  const { comparisons, problems } = await runAgainst(built, dir, revision, repetitions, tell)
  for (const { what, hereUs, thereUs, pairRatio, isWithin } of comparisons) {
    const [best, pairs] = [hereUs / thereUs, pairRatio].map((ratio) => `${((ratio - 1) * 100).toFixed(1)} %`)
    process.stdout.write(
      `CPU per ${what}: ${hereUs.toFixed(1)} us here, ${thereUs.toFixed(1)} us at ${revision}: ${best} by the best, ${pairs} by pairs, ${isWithin ? 'is within' : 'IS BEYOND'} 10 %\n`,
    )
  }
  for (const problem of problems) process.stdout.write(`does not count: ${problem}\n`)
  const isPassed = problems.length === 0 && comparisons.every(({ isWithin }) => isWithin)
  if (options.json) process.stdout.write(`${JSON.stringify({ against: revision, comparisons, passed: isPassed })}\n`)
  process.exitCode = isPassed ? 0 : 1
}

function readyTools(): Tools | { readonly missing: string } {
  if (process.platform !== 'linux')
    return { missing: 'the bench pins processes and reads /proc: it runs on Linux only' }
  if (availableParallelism() < 2) return { missing: 'the bench needs two cores: one for the gateway, one for the rest' }
  const other = holdMachine()
  if (other !== undefined)
    return { missing: `another bench runs already, process ${other}: two would measure each other` }
  return buildTools(dir)
}

function end(figures: Figures): void {
  if (options.json) process.stdout.write(`${JSON.stringify(figures)}\n`)
  process.exitCode = figures.valid ? 0 : 1
}
