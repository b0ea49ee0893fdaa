import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

/**
 * Loaded into a gateway before it starts (`node --import`): how long its event loop keeps others waiting. SIGUSR2 begins the
 * measurement, a second one ends it and writes the 99th percentile, in milliseconds, to the file that
 * WEIR_BENCH_STALL_FILE names.
 */
const resolutionMs = 1
const delay = monitorEventLoopDelay({ resolution: resolutionMs })

process.once('SIGUSR2', () => {
  delay.enable()
  process.once('SIGUSR2', () => {
    delay.disable()
    // What is noted is the time between two ticks of a timer: its own period is no delay.
    const p99Ms = Math.max(0, delay.percentile(99) / 1e6 - resolutionMs)
    writeFileSync(process.env['WEIR_BENCH_STALL_FILE'] ?? 'stall', String(p99Ms))
  })
})
