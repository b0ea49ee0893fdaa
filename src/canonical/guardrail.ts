/**
 * Where a text stands, whatever the dialect. `other`: in a field that no canonical word carries, or of an operation other than chat.
 */
export const textPlaces = [
  'system',
  'user',
  'assistant',
  'reasoning',
  'refusal',
  'tool-definition',
  'tool-arguments',
  'tool-result',
  'document',
  'file-name',
  'other',
] as const
export type TextPlace = (typeof textPlaces)[number]

/** Before the call leaves, and before its answer reaches the client. */
export const guardPhases = ['input', 'output'] as const
export type GuardPhase = (typeof guardPhases)[number]

/**
 * What follows where a rule finds something. `redact`: a typed placeholder takes its place. `mask`: one that is exchanged back in the
 * answer. `flag`: told in a header and in the record. `route`: only targets with a tag may serve the call. `mark`: texts of others stand
 * between marks, and the model is told what they mean. `monitor`: looked at when the answer has gone, and told in a record of its own.
 */
export const guardActions = ['block', 'redact', 'mask', 'flag', 'route', 'mark', 'monitor'] as const
export type GuardAction = (typeof guardActions)[number]

/**
 * Why a guard elsewhere said nothing: it was late, could not be reached, answered what is no answer, or would have had to look at more
 * than is held for it.
 */
export const noVerdicts = ['timeout', 'unreachable', 'nonsense', 'too-long'] as const
export type NoVerdict = (typeof noVerdicts)[number]

/** One thing that a rule saw, for the record: where and what kind, never the text itself. */
export interface GuardDecision {
  readonly rule: string
  /** Whose it is, such as `team acme/search`. Absent: the gateway's. */
  readonly level?: string | undefined
  readonly phase: GuardPhase
  readonly place: TextPlace
  /** Where in the body, such as `messages[2].content[0].text`; in a stream, the choice and the block: `0/1`. */
  readonly path: string
  readonly kind: string
  readonly action: GuardAction
  /** It only says what it would have done. */
  readonly isShadow: boolean
  /** How many of this kind, in this text. */
  readonly count: number
  /** Where the first of them begins in its text, in UTF-16 units. Absent: it was in a stream. */
  readonly start?: number | undefined
  /** The highest of their scores, from 0 to 1. Absent: they have none. */
  readonly score?: number | undefined
  /** Its guard, elsewhere, gave no verdict: then `kind` is `unavailable`, and the action what follows from that. Absent: it did. */
  readonly why?: NoVerdict | undefined
}

/** What the guardrails of an exchange said, as its record keeps it. */
export interface KeptGuardrails {
  /** In order; at most so many as a record holds. */
  readonly decisions: readonly GuardDecision[]
  /** Those that were left out. Absent: none. */
  readonly more?: number | undefined
  /** How much text was looked at, in UTF-16 units. Of an answer, what the client was shown and what is held back. */
  readonly scanned: Readonly<Record<GuardPhase, number>>
  /** How long the rules took that are judged here, of each phase in which any was. Absent: nobody kept time. */
  readonly tookMs?: Readonly<Partial<Record<GuardPhase, number>>> | undefined
}
