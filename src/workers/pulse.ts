import type { Clock } from '../canonical/clock.ts'
import { Balancer, type Work } from './balance.ts'
import type { Member } from './member.ts'
import { reasonOf } from '../canonical/reason-of.ts'

/** Each worker is asked this often whether it is there, and how much it has to do. */
export const pulseMs = 2_000
/** A worker that answers nothing for so long is stuck: it is killed and replaced. */
export const stuckMs = 30_000

export interface PulseParts {
  readonly clock: Clock
  /** All there are; those that serve are asked. */
  readonly members: Iterable<Member>
  /** Told before it is killed. */
  readonly onStuck: (member: Member, why: string) => void
}

/** Feels that every worker is there, and moves clients from those that have too much to do. */
export function openPulse({ clock, members, onStuck }: PulseParts): { close(): void } {
  const balancer = new Balancer()
  const asked = new WeakSet<Member>()
  let isClosed = false

  const beat = async (): Promise<void> => {
    if (isClosed) return
    clock.after(pulseMs, () => void beat())
    const serving = [...members].filter(({ state }) => state === 'serving')
    const works = await Promise.all(serving.map((member) => (asked.has(member) ? undefined : feel(member))))
    const known = works.filter((work) => work !== undefined)
    // Of one that has not answered nobody knows how much it has to do.
    if (known.length < works.length || serving.some(({ state }) => state !== 'serving')) return
    for (const [place, share] of balancer.sharesToMove(known).entries())
      if (share > 0) serving[place]?.tell('spread-clients', share)
  }
  const feel = async (member: Member): Promise<Work | undefined> => {
    asked.add(member)
    const askedMs = clock.monotonicMs()
    try {
      return await member.ask('pulse', undefined, stuckMs)
    } catch (thrown) {
      if (clock.monotonicMs() - askedMs < stuckMs || member.state !== 'serving') return undefined
      onStuck(member, reasonOf(thrown))
      member.kill()
      return undefined
    } finally {
      asked.delete(member)
    }
  }

  clock.after(pulseMs, () => void beat())
  return { close: () => void (isClosed = true) }
}
