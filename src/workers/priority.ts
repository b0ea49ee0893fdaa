import { readdirSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'
import { unlessRefused } from '../canonical/unless-refused.ts'

/** Has processes that nobody waits for leave the cores to those that serve. */
export interface Priorities {
  lower(pid: number): void
  /** As this process is again. */
  restore(pid: number): void
}

/** What `nice` without a number does: about a tenth of the time of a process of the usual priority, where both want a core. */
const lowerBy = 10
const lowest = 19
const highest = -20

/**
 * Only where what is lowered can be raised again, as root can on Linux outside of most containers; elsewhere a worker would be
 * slow for good, and nothing is done.
 */
export function openPriorities(): Priorities {
  const own = getPriority()
  if (!canRaise(own)) return { lower: () => {}, restore: () => {} }
  return {
    lower: (pid) => set(pid, Math.min(lowest, own + lowerBy)),
    restore: (pid) => {
      // Linux has a priority for each thread, and a thread that begins takes that of the one that began it.
      for (const thread of unlessRefused(() => readdirSync(`/proc/${pid}/task`)) ?? []) set(Number(thread), own)
    },
  }
}

/** Tried and not looked up: what capabilities(7) are worth depends on the user namespace. */
function canRaise(own: number): boolean {
  if (process.platform !== 'linux' || own <= highest) return false
  const raised = unlessRefused(() => {
    setPriority(own - 1)
    return true
  })
  if (raised) setPriority(own)
  return raised === true
}

/** One that has ended meanwhile leaves things as they are. 0 is one that could not be started, and would mean this process. */
function set(pid: number, priority: number): void {
  if (pid !== 0) unlessRefused(() => setPriority(pid, priority))
}
