import type { Json, JsonObject } from '../../canonical/json.ts'
import type { PathPattern } from '../shared/free-form.ts'

/** What the laws are told of one chat dialect, beside the dialect itself. */
export interface Material {
  /** The recorded APIs that are this dialect. */
  readonly apis: readonly string[]
  /** The recorded providers that speak it there. Absent: all. */
  readonly providers?: readonly string[] | undefined
  /** Recordings that are not what their API says, with the reason. */
  readonly leftOut: Readonly<Record<string, string>>
  /** Cases of our own, at least 20 (`test/laws/laws.test.ts`). */
  readonly golden: readonly GoldenCase[]
  /** Places of an answer that hold free-form values. Those of a call are the dialect's own to tell. */
  readonly freeFormInAnswers: readonly PathPattern[]
  /** Fields that may go untold when they have one of these values, since leaving them out says the same. */
  readonly defaults: readonly DocumentedDefault[]
  readonly repeated: readonly Repeated[]
  /** Places that nobody misses in another dialect, whatever they hold, with all below them. Absent: none. */
  readonly needless?: Readonly<Record<'call' | 'answer', readonly NeedlessPlace[]>>
  /** Puts a stream's frames together as the provider's own SDK does, naively. */
  readonly accumulate: (frames: readonly Json[]) => readonly Accumulated[]
}

/** One case of our own. Any part may be missing. */
export interface GoldenCase {
  /** The behaviour it shows, in kebab-case. */
  readonly name: string
  readonly call?: JsonObject
  readonly answer?: JsonObject
  /** SSE text. */
  readonly stream?: string
}

export interface DocumentedDefault {
  /** Such as `tools[].type`. */
  readonly pattern: string
  /** `place`: the number of its own place in the list that holds it. */
  readonly values: readonly Json[] | 'place'
  readonly reason: string
}

export interface NeedlessPlace {
  /** Such as `input[].id`. */
  readonly pattern: string
  readonly reason: string
}

/** A field that says what others beside it say too: without those it must be heard. */
export interface Repeated {
  readonly pattern: string
  /** Fields of the same object, or (`../x`, `../../x`) of those that hold it. */
  readonly beside: readonly string[]
}

/** One choice of an answer as a client sees it in the end. */
export interface Accumulated {
  readonly text: string
  readonly thoughts: string
  readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly argumentsText: string }[]
}
