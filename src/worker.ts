import { runWorker } from './build/run-worker.ts'
import { portToPrimary } from './workers/fork.ts'

/**
 * One worker process of a gateway with `server.workers` above 1. The primary starts it, gives it its orders and ends it;
 * signals that a terminal sends to the whole group are the primary's to answer.
 */
process.title = 'weir worker'
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {})
// Nobody is left to keep what must be one.
process.once('disconnect', () => process.exit(1))

await runWorker({
  env: process.env,
  log: process.stdout,
  port: portToPrimary(),
  leave: (code) => process.exit(code),
})
