import type { GuardPhase } from '../../../canonical/guardrail.ts'
import type { Text } from '../texts.ts'

/** A guard that judges elsewhere: over HTTP, or a model asked through Weir itself. */
export interface ExternalGuard {
  /**
   * @param signal ends the question when its rule's deadline, or the phase's, is over.
   * @throws GuardFailure when it cannot be asked, or answers what is no answer.
   */
  ask(question: GuardQuestion, signal: AbortSignal): Promise<readonly ExternalFinding[]>
}

export interface GuardQuestion {
  readonly phase: GuardPhase
  /** Not empty, in the order of the body. */
  readonly texts: readonly Text[]
}

/** What a guard saw. What follows is the rule's to say (behaviour.md E11). */
export interface ExternalFinding {
  /** Which of the question's texts. */
  readonly text: number
  /** In the guard's words, as small letters with dashes: `email-address`, `hate`, `jailbreak`. */
  readonly kind: string
  /** From 0 to 1. `undefined`: it tells none. */
  readonly score: number | undefined
  /** In UTF-16 units, end exclusive. `undefined`: the text as a whole. */
  readonly span: { readonly start: number; readonly end: number } | undefined
  /** The whole text as the guard would let it pass. `undefined`: it offers none. */
  readonly replacement: string | undefined
}

/** Why there is no verdict; the rule says what follows. Never holds the text. */
export class GuardFailure extends Error {
  readonly kind: 'timeout' | 'unreachable' | 'nonsense'

  constructor(kind: GuardFailure['kind'], message: string) {
    super(message)
    this.name = 'GuardFailure'
    this.kind = kind
  }
}

/** One HTTP question of an adapter, before it is signed. */
export interface GuardCall {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** How a service is asked, and what its answers mean. Pure: the network and the credentials belong to whoever sends. */
export interface GuardAdapter {
  /** One call for each index of `read`. Services that judge one text at a time have one for each text. */
  word(question: GuardQuestion): readonly GuardCall[]
  /** @throws GuardFailure of kind `nonsense`: another status than success, or a body of another shape. */
  read(question: GuardQuestion, call: number, answer: GuardAnswer): readonly ExternalFinding[]
}

/** What a guard elsewhere answered, whatever its status. */
export interface GuardAnswer {
  readonly status: number
  readonly body: string
}
