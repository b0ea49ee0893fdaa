import type { Clock, Timer } from '../canonical/clock.ts'
import type { AlertDelivery, Alerts } from '../stores/ports/alerts.ts'
import type { Receiver } from './receiver.ts'

/** Sends what is noted to those who are told, until each has taken it. */
export interface Deliveries {
  /** Something was noted, or may be due since the last start: it is sent at once. */
  wake(): void
  /** Nothing more is sent. What is not delivered stays noted for the next start. */
  close(): Promise<void>
}

export interface DeliveriesParts {
  readonly clock: Clock
  readonly alerts: Pick<Alerts, 'due' | 'tried'>
  /** Of the config in force, by name. */
  readonly receivers: () => ReadonlyMap<string, Receiver>
  readonly post: Post
  readonly onOutcome: (told: DeliveryTold) => void
  readonly onProblem: (problem: unknown) => void
}

/** One HTTP call. Resolves with the status of the answer; its body is nobody's. */
export type Post = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  cancelled: AbortSignal,
) => Promise<number>

/** What became of one try, for the log. `later`: it is tried again. */
export interface DeliveryTold {
  readonly kind: 'delivered' | 'later' | 'given-up'
  readonly alertId: string
  readonly receiver: string
  readonly attempts: number
  /** Why not. Never the address. */
  readonly why?: string
}

/** From one attempt to the next (Standard Webhooks, "Deliverability and reliability", read 2026-11): 75 hours in all. */
export const retryAfterMs = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map((s) => s * 1_000)
/** To one receiver: one that never answers takes no place of another. */
const mostAtOnce = 20
/** After the store failed, so that what is due does not wait for the next alert. */
const storeAgainMs = 60_000

/** Sends what is noted to its receivers; first what was still due when the process before it ended. */
export function openDeliveries(parts: DeliveriesParts): Deliveries {
  const { clock, alerts } = parts
  const leaving = new AbortController()
  /** By receiver, then by alert. */
  const underWay = new Map<string, Map<string, Promise<void>>>()
  let timer: Timer | undefined
  let sending: Promise<void> | undefined
  let isWanted = false

  async function send(): Promise<void> {
    while (!leaving.signal.aborted) {
      isWanted = false
      const { deliveries, nextDueAtMs } = await alerts.due(clock.nowMs(), mostAtOnce)
      for (const delivery of deliveries) begin(delivery)
      if (isWanted) continue
      if (nextDueAtMs !== undefined) timer = clock.after(Math.max(0, nextDueAtMs - clock.nowMs()), wake)
      return
    }
  }

  /** What is under way is still due, as the store sees it. The end of each attempt makes room for the next. */
  function begin(delivery: AlertDelivery): void {
    const { alertId, receiver } = delivery
    const going = underWay.get(receiver) ?? new Map<string, Promise<void>>()
    underWay.set(receiver, going)
    if (going.has(alertId) || going.size >= mostAtOnce) return
    const isOver = (): void => {
      going.delete(alertId)
      wake()
    }
    const attempted = deliver(delivery).then(isOver, (problem: unknown) => {
      parts.onProblem(problem)
      // How it went is noted nowhere, so it is sent again; not at once, since the store fails.
      clock.after(storeAgainMs, isOver)
    })
    going.set(alertId, attempted)
  }

  async function deliver(delivery: AlertDelivery): Promise<void> {
    const { alertId, receiver: name } = delivery
    const attempts = delivery.attempts + 1
    const receiver = parts.receivers().get(name)
    const result = receiver === undefined ? forgotten : await attempt(receiver, delivery)
    // Stopped in the middle: nobody knows whether it came. It is sent again; receivers know it by its id.
    if (leaving.signal.aborted && result.kind === 'later') return
    const waitMs = retryAfterMs[attempts - 1]
    const isLater = result.kind === 'later' && waitMs !== undefined
    await alerts.tried({
      alertId,
      receiver: name,
      outcome: result.kind === 'delivered' ? 'delivered' : result.why,
      dueAtMs: isLater ? clock.nowMs() + waitMs : undefined,
    })
    if (result.kind === 'delivered') parts.onOutcome({ kind: 'delivered', alertId, receiver: name, attempts })
    else parts.onOutcome({ kind: isLater ? 'later' : 'given-up', alertId, receiver: name, attempts, why: result.why })
  }

  async function attempt(receiver: Receiver, { alertId, body }: AlertDelivery): Promise<Result> {
    const at = new Date(clock.nowMs())
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'weir',
      'webhook-id': alertId,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': receiver.sign(alertId, at, body),
    }
    const late = new AbortController()
    const deadline = clock.after(receiver.timeoutMs, () => late.abort())
    try {
      const status = await parts.post(receiver.url, headers, body, AbortSignal.any([late.signal, leaving.signal]))
      if (status >= 200 && status < 300) return { kind: 'delivered' }
      // Gone: whoever was told does not want to be told any more.
      return { kind: status === 410 ? 'given-up' : 'later', why: `it answered ${status}` }
    } catch (thrown) {
      return {
        kind: 'later',
        why: late.signal.aborted ? `no answer in ${receiver.timeoutMs} ms` : `not reached: ${codeOf(thrown)}`,
      }
    } finally {
      deadline.cancel()
    }
  }

  function wake(): void {
    timer?.cancel()
    isWanted = true
    if (leaving.signal.aborted) return
    sending ??= send()
      .catch((problem: unknown) => {
        parts.onProblem(problem)
        if (!leaving.signal.aborted) timer = clock.after(storeAgainMs, wake)
      })
      .finally(() => {
        sending = undefined
        if (isWanted) wake()
      })
  }

  wake()
  return {
    wake,
    async close() {
      timer?.cancel()
      leaving.abort()
      await sending
      await Promise.all([...underWay.values()].flatMap((going) => [...going.values()]))
    },
  }
}

type Result = { readonly kind: 'delivered' } | { readonly kind: 'later' | 'given-up'; readonly why: string }

const forgotten: Result = { kind: 'given-up', why: 'the config does not name it any more' }

/** The code only: messages may hold the address, and that a secret. */
function codeOf(thrown: unknown): string {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown
  if (cause instanceof Error && 'code' in cause) return String(cause.code)
  return cause instanceof Error ? cause.name : 'unknown reason'
}
