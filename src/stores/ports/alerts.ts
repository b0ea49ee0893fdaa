/** What people are told of their budgets, and whether it came. */
export interface Alerts {
  /**
   * Notes alerts, with one delivery for each receiver that is due at once. On the disk when this resolves.
   * @param receivers by name; none: they are noted all the same.
   * @returns those that are new: a threshold of an account is noted once.
   */
  note(alerts: readonly Alert[], receivers: readonly string[]): Promise<readonly Alert[]>
  /** @param limit how many of one receiver: what one cannot take hides nothing of another. */
  due(atMs: number, limit: number): Promise<DeliveriesDue>
  /** How an attempt went. */
  tried(outcome: DeliveryOutcome): Promise<void>
}

/** One thing that people are to be told of a budget. */
export interface Alert {
  /** Unique; receivers know a repetition by it. */
  readonly id: string
  readonly atMs: number
  readonly accountId: string
  /** Of the cap; `undefined`: it is no threshold. */
  readonly percent: number | undefined
  /** JSON, as it is sent. */
  readonly body: string
}

/** An alert that one receiver is still to be sent. */
export interface AlertDelivery {
  readonly alertId: string
  readonly receiver: string
  /** Before this one. */
  readonly attempts: number
  readonly body: string
}

export interface DeliveriesDue {
  /** The oldest first. */
  readonly deliveries: readonly AlertDelivery[]
  /** When the next one after these is due; `undefined`: there is none. */
  readonly nextDueAtMs: number | undefined
}

export interface DeliveryOutcome {
  readonly alertId: string
  readonly receiver: string
  /** For people: `delivered`, or why not. */
  readonly outcome: string
  /** When it is tried again; `undefined`: it is over. */
  readonly dueAtMs: number | undefined
}
