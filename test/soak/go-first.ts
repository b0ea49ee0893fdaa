import { setPriority } from 'node:os'

/**
 * Has a process that only stands for the world around the gateway go before it. Clients and providers have machines of their own:
 * where they share its cores and are short of time, theirs is what is measured.
 * @returns whether the system allows it; Linux does for root.
 */
export function goFirst(pid: number): boolean {
  try {
    setPriority(pid, beforeOthers)
    return true
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown) return false
    throw thrown
  }
}

const beforeOthers = -15
