import { readFileSync } from 'node:fs'

export interface MemorySample {
  readonly atMs: number
  readonly primaryMb: number
  /** Of each worker. */
  readonly workersMb: readonly number[]
}

/** Resident memory of a process, in MB; `undefined`: it has just died. Linux only, as the soak is. */
export function residentMb(pid: number): number | undefined {
  try {
    const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kb === undefined ? undefined : Math.round(Number(kb) / 1024)
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOENT' || thrown.code === 'ESRCH'))
      return undefined
    throw thrown
  }
}

/** The middle of the primary's memory in the first and in the last third of a part: it is never replaced, so a leak shows. */
export function growthOf(samples: readonly MemorySample[]): { readonly earlyMb: number; readonly lateMb: number } {
  const third = Math.max(1, Math.floor(samples.length / 3))
  return { earlyMb: middleOf(samples.slice(0, third)), lateMb: middleOf(samples.slice(-third)) }
}

function middleOf(samples: readonly MemorySample[]): number {
  const sorted = samples.map(({ primaryMb }) => primaryMb).toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
