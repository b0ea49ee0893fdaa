import './engine.ts'
import { enableCompileCache, flushCompileCache } from 'node:module'
import { outliveLog } from './build/outlive-log.ts'
import { portToPrimary } from './workers/fork.ts'

/**
 * One worker process of a gateway with `server.workers` above 1. The primary starts it, gives it its orders and ends it;
 * signals that a terminal sends to the whole group are the primary's to answer.
 */
process.title = 'weir worker'
outliveLog(process, () => true)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {})
// Nobody is left to keep what must be one.
process.once('disconnect', () => process.exit(1))

// What the worker before compiled need not be compiled anew, on the cores of those that serve: measured, 0.7 instead of 1.4 s of CPU
// from source, and 0.65 instead of 0.8 from `dist`.
const [, , compiledCodeDir] = process.argv
if (compiledCodeDir !== undefined) enableCompileCache(compiledCodeDir)
const { runWorker } = await import('./build/run-worker.ts')

await runWorker({
  log: process.stdout,
  port: portToPrimary(),
  leave: (code) => process.exit(code),
})
// Now, and not at its end: a worker that is killed would leave nothing.
flushCompileCache()
