import { lastingShare, type MetricsShare } from '../accounting/metrics/merge.ts'
import type { Member } from '../workers/member.ts'

/** What workers counted: of each that lives what it told last, and of all that have ended the sum. */
export interface WorkerShares {
  tell(member: Member, share: MetricsShare): void
  /** Takes what it told last into the sum of all that have ended. */
  end(member: Member): void
  /** For a sum: nothing in it is there twice, or missing. */
  all(): Promise<readonly MetricsShare[]>
}

export function openWorkerShares(): WorkerShares {
  const last = new Map<Member, MetricsShare>()
  let ended: MetricsShare = []
  let addingUp: Promise<void> = Promise.resolve()
  return {
    tell: (member, share) => void last.set(member, share),
    end: (member) => {
      const share = last.get(member)
      last.delete(member)
      if (share === undefined) return
      const add = async () => void (ended = await lastingShare([ended, share]))
      addingUp = addingUp.then(add)
    },
    all: async () => {
      // One that ends meanwhile is on its way from the one to the other.
      for (let seen; seen !== addingUp;) {
        seen = addingUp
        await seen
      }
      return [...last.values(), ended]
    },
  }
}
