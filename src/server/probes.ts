import { readdirSync, readFileSync, statSync } from 'node:fs'
import { totalmem } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import { unlessRefused } from '../canonical/unless-refused.ts'

/** Where the readings come from. Handed in, so that a test turns a knob instead of filling the memory. */
export interface Probes {
  /** From 0 to 1: of the heap's limit or of the machine's memory, whichever is nearer its end. */
  memoryShare(): number
  /**
   * Of the time since the last call, in milliseconds: the usual delay of the event loop, and the longest. Where that time is too
   * short to tell, the usual one is as before, and the next call tells of both.
   */
  loopDelay(): LoopDelay
  /** `undefined` where the system does not tell. */
  openFiles(): number | undefined
  /** Sockets and files that the process may have open. `undefined` where the system does not tell. */
  readonly fileLimit: number | undefined
  close(): void
}

export interface LoopDelay {
  readonly usualMs: number
  readonly longestMs: number
}

const resolutionMs = 10
/** Of fewer, one that stood still may be the middle one, and nothing is said. */
const fewestDelays = 3

/** @param processes that share the machine: each may have its part of the memory. */
export function openProbes(processes: number): Probes {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  let usualMs = 0
  // Without a limit of the container, Node tells a number beyond all memory.
  const memoryBytes = Math.min(process.constrainedMemory() || Infinity, totalmem()) / processes
  const fileLimit = readFileLimit()
  return {
    memoryShare: () => {
      const { used_heap_size: usedBytes, heap_size_limit: limitBytes } = getHeapStatistics()
      return Math.max(usedBytes / limitBytes, process.memoryUsage.rss() / memoryBytes)
    },
    loopDelay: () => {
      if (delay.count < fewestDelays) return { usualMs, longestMs: 0 }
      // The monitor is a timer: what it measures is its own period, and the delay on top.
      usualMs = lateness(delay.percentile(50))
      const longestMs = lateness(delay.max)
      delay.reset()
      return { usualMs, longestMs }
    },
    openFiles: fileLimit === undefined ? () => undefined : countOpenFiles,
    fileLimit,
    close: () => delay.disable(),
  }
}

function lateness(nanos: number): number {
  return Math.max(0, nanos / 1e6 - resolutionMs)
}

/** Node raises the limit to the hard one at its start, so it is read once, afterwards. Linux only. */
function readFileLimit(): number | undefined {
  const text = unlessRefused(() => readFileSync('/proc/self/limits', 'utf8'))
  const [, limit] = /^Max open files +(\d+)/m.exec(text ?? '') ?? []
  return limit === undefined ? undefined : Number(limit)
}

/** No answer where there is no `/proc`, or no descriptor left to look into it. */
function countOpenFiles(): number | undefined {
  return unlessRefused(() => {
    // Linux 6.2 and later tell the number as the size of the folder; before, the entries must be counted.
    const { size } = statSync('/proc/self/fd')
    return size > 0 ? size : readdirSync('/proc/self/fd').length
  })
}
