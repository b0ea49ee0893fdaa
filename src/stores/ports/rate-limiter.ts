import type { LimitAsk, LimitDecision, LimitRule, TokenCount } from '../../canonical/limit.ts'

/**
 * Counts calls, tokens and calls under way against limits. Everything that is handed over and returned is plain data, so
 * that a worker process may ask another process that owns the counts; its own clock judges, not the caller's.
 */
export interface RateLimiter {
  /**
   * Charges a call to every account it asks for, or to none. Where the accounts that lack room all have a queue, the call
   * waits in line: callers take turns, each caller's own calls in order, until there is room, the time of the queue is up
   * (then refused like every other), or `cancelled` fires.
   * @returns `taken` with a ticket, to be given back exactly once by `settle` or `refund`.
   * @throws GatewayError `store_unavailable` when the counts cannot be reached: the call must not go on.
   */
  take(asked: LimitTake, cancelled?: AbortSignal): Promise<LimitVerdict>
  /**
   * The call is over: what it held at once is released, and its tokens are corrected where they were charged. Tokens
   * beyond the estimate are charged even where that passes the limit, and then hold up later calls. A ticket that is not
   * open any more changes nothing.
   * @param used `undefined`: nobody knows, since the process died that served the call. The estimate stands.
   */
  settle(ticket: LimitTicket, used: TokenCount | undefined): void
  /** The call never was: everything is given back. A ticket that is not open any more changes nothing. */
  refund(ticket: LimitTicket): void
  /** Every account that holds something, for people to look at. */
  accounts(): Promise<readonly LimitAccount[]>
}

/** What one call is charged for. */
export interface LimitTake {
  /** At most one of each rule. Never empty. */
  readonly asks: readonly LimitAsk[]
  /** Whose turn it is in a queue: the id of the key. */
  readonly caller: string
  /** The estimate. */
  readonly tokens: TokenCount
}

/** Names an admitted call to the limiter that admitted it. */
export type LimitTicket = number

/** `states` has one entry for each ask, in their order. */
export type LimitVerdict =
  | {
      readonly kind: 'taken'
      readonly ticket: LimitTicket
      readonly states: LimitDecision['states']
      readonly waitedMs: number
    }
  | {
      readonly kind: 'refused'
      readonly refused: NonNullable<LimitDecision['refused']>
      readonly states: LimitDecision['states']
      readonly waitedMs: number
    }
  /** Whoever waited has gone. */
  | { readonly kind: 'cancelled' }

/** One account of a limit that holds something, in what its rule counts. */
export interface LimitAccount {
  readonly ruleId: LimitRule['id']
  readonly value: string | undefined
  readonly used: number
  readonly resetMs: number
  /** Calls in line. */
  readonly waiting: number
}
