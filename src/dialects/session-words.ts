import type { GatewayError } from '../canonical/error.ts'
import type { Usage } from '../canonical/usage.ts'

/** How one API words the messages of a realtime session, as far as its account goes. One for each session: it knows what is under way. */
export interface SessionWords {
  /**
   * A message of the client's as it is sent on: as it came, but that its provider's name for the model takes the place of its own.
   * @throws GatewayError for one that must not be.
   */
  worded(text: string): string
  /** Hears a message of the provider's. */
  hear(text: string): SessionNews
  /** Whether everything that was begun has told what it used. */
  readonly isAllTold: boolean
  /** What tells the client of a problem before its session is closed; `undefined`: the API has no word for it. */
  problemEvent(problem: GatewayError): string | undefined
}

/** What a message says besides what it is to the client. */
export interface SessionNews {
  /** More was used, in this turn alone. */
  readonly usage?: Usage | undefined
  /** Under this name the provider keeps the session, for another one to go on with. */
  readonly keptAs?: string | undefined
}

/**
 * Whether a text could hold one of these words. One that is spelled with escapes is read by whoever parses the text all the same.
 * @param text of a message; most are long and hold none.
 */
export function mayHold(text: string, words: readonly string[]): boolean {
  return words.some((word) => text.includes(word)) || text.includes(String.raw`\u`)
}
