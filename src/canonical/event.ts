import type { Json, JsonObject } from './json.ts'
import type { Nanos } from './money.ts'
import type { Usage } from './usage.ts'

/**
 * The canonical answer: a list of events. A unary body is a stream that arrived at once. Order within a choice: blocks one
 * after the other, each `block-start`, any deltas, `block-end`; then `close`. Only calls of tools may be open together, and
 * their deltas come mixed. `open` comes first, once; `usage` may come several times, the last one counts.
 */
export type ReplyEvent = OpenEvent | BlockStart | BlockDelta | BlockEnd | CloseEvent | UsageEvent | PingEvent

/** The answer begins. `undefined`: the dialect does not say, or not yet. */
export interface OpenEvent {
  readonly kind: 'open'
  readonly id: string | undefined
  readonly responseModel: string | undefined
  readonly createdAtSeconds: number | undefined
}

/** Which block an event belongs to. Blocks are counted from 0 within their choice, in the order they began. */
export interface OfBlock {
  readonly choice: number
  readonly block: number
}

export interface BlockStart extends OfBlock {
  readonly kind: 'block-start'
  readonly content: BlockOpening
}

export type BlockOpening =
  | { readonly kind: 'text' }
  | { readonly kind: 'refusal' }
  | { readonly kind: 'thought' }
  | { readonly kind: 'redacted-thought'; readonly data: string }
  | { readonly kind: 'tool-use'; readonly id: string; readonly name: string; readonly signature: string | undefined }
  | { readonly kind: 'audio' }
  | { readonly kind: 'image'; readonly url: string }
  /** Only its own dialect has words for it: the wire value is kept for it, and is a loss elsewhere. */
  | { readonly kind: 'opaque'; readonly type: string; readonly wire: JsonObject }

export interface BlockDelta extends OfBlock {
  readonly kind: 'block-delta'
  readonly delta: Delta
}

export type Delta =
  /** More of the text, the refusal, the thought, or the transcript. */
  | { readonly kind: 'text'; readonly text: string }
  /** More of a tool call's arguments: pieces of JSON text. */
  | { readonly kind: 'arguments'; readonly text: string }
  | { readonly kind: 'signature'; readonly signature: string }
  /** In the wording of the dialect it came from. */
  | { readonly kind: 'citation'; readonly citation: Json }
  | { readonly kind: 'logprobs'; readonly logprobs: Json }
  | { readonly kind: 'audio'; readonly base64: string }
  | { readonly kind: 'opaque'; readonly wire: Json }

export interface BlockEnd extends OfBlock {
  readonly kind: 'block-end'
}

/**
 * Why a choice ended. `pause`: the turn is to go on, once the model is asked again. `other`: for a reason that none of these
 * words means.
 */
export type StopReason = 'end' | 'stop-sequence' | 'length' | 'tool-use' | 'content-filter' | 'pause' | 'other'

/** A choice is over: one for each, after all of its blocks. */
export interface CloseEvent {
  readonly kind: 'close'
  readonly choice: number
  readonly reason: StopReason
  /** The provider's own word, kept where ours is coarser. */
  readonly nativeReason: string | undefined
  readonly stopSequence: string | undefined
}

/** What was used so far, the whole of it: a later one takes the place of an earlier one. */
export interface UsageEvent {
  readonly kind: 'usage'
  readonly usage: Usage
  readonly providerCostNanos: Nanos | undefined
  readonly serviceTier: string | undefined
}

/** Keeps the connection warm; says nothing. */
export interface PingEvent {
  readonly kind: 'ping'
}

/**
 * The events of one frame, with the wire value they were read from, so that a frame nobody touched goes back to its own
 * dialect word for word. A reader `hear`s the frame, and a writer asks `originOf(frame)`: only a frame of its own dialect
 * goes back as it was, and a copy of one (`{ ...frame, events }`) is written anew from its events.
 *
 * Events are heard too where they hold more than their fields say (`open`, `block-start`, `close`, `usage`, and deltas in
 * the wording of a dialect): their origin tells a foreign writer what to account for, and whose wording a citation or an
 * opaque block is in.
 */
export interface HeardFrame {
  readonly events: readonly ReplyEvent[]
  /** A text: the frame was no JSON object. `undefined`: it was read from no frame. */
  readonly wire: Json | undefined
}
