import type { UsageRecord } from '../../canonical/usage-record.ts'

/** Each is forgotten when its terminal comes, some milliseconds later; this many are under way at once only by mistake. */
const maxShedAttempts = 100_000

type AttemptName = Pick<UsageRecord, 'requestId' | 'attempt'>

/** The attempts that never left because the disk refused their intent. What ends them tells of no money. */
export class ShedAttempts {
  readonly #keys = new Set<string>()

  add(attempt: AttemptName): void {
    if (this.#keys.size >= maxShedAttempts) {
      for (const oldest of this.#keys) {
        this.#keys.delete(oldest)
        break
      }
    }
    this.#keys.add(keyOf(attempt))
  }

  /** Was it shed? Asked once per attempt. */
  take(attempt: AttemptName): boolean {
    return this.#keys.size > 0 && this.#keys.delete(keyOf(attempt))
  }
}

const keyOf = ({ requestId, attempt }: AttemptName): string => `${requestId}/${attempt}`
