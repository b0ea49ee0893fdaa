import type { ChatCall } from '../../../canonical/chat.ts'
import type { TextPlace } from '../../../canonical/guardrail.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Text } from '../texts.ts'

/** A file that a call brings or names. */
export interface Attachment {
  readonly path: string
  readonly what: 'image' | 'document' | 'audio'
  /** As the call says: a media type. `undefined`: it does not. */
  readonly declared: string | undefined
  /** Its first bytes. `undefined`: it is elsewhere, at a URL or with a provider. */
  readonly head: Buffer | undefined
}

/** A call as a whole, for rules that look at more than its texts. */
export interface CheckedCall {
  /** The body, with what the path says. */
  readonly value: JsonObject
  readonly bodyBytes: number
  /** Files that come beside the values of a form. */
  readonly files: readonly Attachment[]
  /** Its texts, with where each stands. */
  readonly texts: readonly Text[]
  /** `undefined`: the operation has no canonical form. */
  readonly chat: ChatCall | undefined
}

/** What a check found, with where it stands. */
export interface CallFinding {
  readonly kind: 'size' | 'file-type'
  readonly place: TextPlace
  /** '': the call as a whole. */
  readonly path: string
  /** A clause for an error: what there is, and what is allowed. Never text of the call. */
  readonly says: string
}

/** Judges a call before it leaves. Pure. */
export type CallCheck = (call: CheckedCall, places: ReadonlySet<TextPlace>) => readonly CallFinding[]
