import { readdirSync, readFileSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

/** Has processes that nobody waits for leave the cores to those that serve. */
export interface Priorities {
  lower(pid: number): void
  /** As this process is again. */
  restore(pid: number): void
}

/** What `nice` without a number does: about a tenth of the time of a process of the usual priority, where both want a core. */
const lowerBy = 10
const lowest = 19

/**
 * Only where what is lowered may be raised again, which Linux lets those who have CAP_SYS_NICE do, such as root; elsewhere a worker would
 * be slow for good, and nothing is done.
 * @param status of this process, as Linux tells it.
 */
export function openPriorities(
  status = orUndefined(() => readFileSync('/proc/self/status', 'utf8')) ?? '',
): Priorities {
  if (!mayRaise(status)) return { lower: () => {}, restore: () => {} }
  const own = getPriority()
  return {
    lower: (pid) => set(pid, Math.min(lowest, own + lowerBy)),
    restore: (pid) => {
      // Linux has a priority for each thread, and a thread that begins takes that of the one that began it.
      for (const thread of orUndefined(() => readdirSync(`/proc/${pid}/task`)) ?? []) set(Number(thread), own)
    },
  }
}

const sysNice = 1n << 23n

/** capabilities(7): the 23rd is CAP_SYS_NICE. */
export function mayRaise(status: string): boolean {
  const [, effective] = /^CapEff:\s*([0-9a-f]+)$/m.exec(status) ?? []
  return effective !== undefined && (BigInt(`0x${effective}`) & sysNice) !== 0n
}

/** One that has ended meanwhile, or a system that forbids it after all, leaves things as they are: it is a favour, no promise. */
function set(pid: number, priority: number): void {
  orUndefined(() => setPriority(pid, priority))
}

function orUndefined<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown) return undefined
    throw thrown
  }
}
