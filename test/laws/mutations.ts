import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { corpusDir, reportMissingCorpus } from '../corpus.ts'
import { mutate } from './mutate.ts'

/** `npm run mutations -- --count 1000000 --seed 1`: exit code 1 when something crashes, 2 when something hangs. */
const { values } = parseArgs({
  options: { count: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
})
const [count, seed] = [Number(values.count), Number(values.seed)]
if (!Number.isSafeInteger(count) || !Number.isSafeInteger(seed))
  throw new TypeError('--count and --seed are whole numbers')
if (corpusDir === undefined) reportMissingCorpus('the mutations')

const hangAfterMs = 20_000
const progress = new Int32Array(new SharedArrayBuffer(4))
const watchdog = new Worker(
  `
    const { workerData: { progress, hangAfterMs } } = require('node:worker_threads')
    let last = -1
    setInterval(() => {
      const round = Atomics.load(progress, 0)
      if (round === last) {
        require('node:fs').writeSync(2, 'HANG in round ' + round + '\\n')
        process.kill(process.pid, 'SIGKILL')
      }
      last = round
    }, hangAfterMs)
  `,
  { eval: true, workerData: { progress, hangAfterMs } },
)
const start = performance.now()
const report = mutate(count, seed, (round) => Atomics.store(progress, 0, round))
await watchdog.terminate()

console.log(`${count} mutants with seed ${seed} in ${((performance.now() - start) / 1000).toFixed(0)} s`)
for (const [kind, tried] of Object.entries(report.tried)) console.log(`${String(tried).padStart(9)}  ${kind}`)
console.log(
  `${report.refused} refused by name, slowest round ${report.slowestMs.toFixed(0)} ms, ${report.failures.length} failures`,
)
const sorts = Map.groupBy(report.failures, ({ what, detail }) => `${what}: ${detail.replace(/\d+/g, 'N')}`)
for (const [sort, list] of sorts) console.log(`${String(list.length).padStart(5)}  ${sort} (round ${list[0]?.round})`)
process.exitCode = report.failures.length > 0 ? 1 : 0
