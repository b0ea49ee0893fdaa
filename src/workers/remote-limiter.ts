import type { RateLimiter } from '../stores/ports/rate-limiter.ts'
import { answerMs, type Link } from './link.ts'
import { RuleNumbers, statesOf } from './limit-words.ts'
import type { PrimaryAnswers, WorkerTells } from './protocol.ts'

/**
 * The limiter as a worker sees it: the counts are the primary's, and everything asked and told in one turn travels as one
 * message. Rules are told once. A ticket is the number that this worker gave its take, so that one whose answer came too late can still be given
 * back.
 */
export function openRemoteLimiter(link: Pick<Link<PrimaryAnswers, WorkerTells>, 'ask' | 'tell'>): RateLimiter {
  const rules = new RuleNumbers((told) => {
    if (told === 'forget') link.tell('forget-limit-rules', undefined)
    else link.tell('limit-rule', told)
  })
  let lastTakeId = 0
  return {
    take: async (asked, cancelled) => {
      lastTakeId += 1
      const takeId = lastTakeId
      const longestWaitMs = Math.max(0, ...asked.asks.map(({ rule }) => rule.queue?.waitMs ?? 0))
      const answer = link.ask('take-limit', rules.numbered(takeId, asked), longestWaitMs + answerMs)
      const cancel = () => link.tell('cancel-limit', takeId)
      if (cancelled?.aborted) cancel()
      else cancelled?.addEventListener('abort', cancel, { once: true })
      try {
        const verdict = await answer
        if (verdict.kind !== 'taken') return verdict
        const { counts, waitedMs } = verdict
        return { kind: 'taken', ticket: takeId, states: statesOf(counts), waitedMs }
      } catch (thrown) {
        // It may have been admitted all the same, and nobody is going to serve it.
        link.tell('refund-limit', takeId)
        throw thrown
      } finally {
        cancelled?.removeEventListener('abort', cancel)
      }
    },
    settle: (takeId, used) => link.tell('settle-limit', { takeId, used }),
    refund: (takeId) => link.tell('refund-limit', takeId),
    accounts: async () => {
      const accounts = await link.ask('limit-accounts', undefined)
      // Verdicts of the same message are heard first: whoever looks sees no less than what callers were told.
      await new Promise((resolve) => setImmediate(resolve))
      return accounts
    },
  }
}
