import type { CarriedFamily, ReservedFor } from '../../providers/provider.ts'
import type { StateKind } from '../../stores/ports/state-holders.ts'

/** `results` of Anthropic's, `output` of OpenAI's. */
export type ResultLines = 'results' | 'output'

/** One path whose meaning is not translated, but carried whole to the provider that holds what it names. */
export interface CarriedRoute {
  /** Whose API it is of. */
  readonly family: CarriedFamily
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PATCH'
  /** A pattern: `{id}` stands for the object it names, `{inner}` for something that lies in that, `{model}` for a model. */
  readonly path: string
  /** What the object is that it makes, lists or names. */
  readonly kind: StateKind
  /** `bring`: part of an upload, which is named in the query and ends with a file. */
  readonly does: 'make' | 'list' | 'read' | 'change' | 'remove' | 'bring'
  /** What the body is. `batch`, `lines`: calls inside it are judged one by one. */
  readonly body: 'none' | 'json' | 'batch' | 'bytes'
  /** What is to be set aside for it: nothing, or what the provider's config declares under this name. */
  readonly costs: 'nothing' | Exclude<ReservedFor, 'realtime'>
  /** Whether the answer is bytes of the object itself, and passes as it comes. */
  readonly answersBytes?: boolean
  /**
   * What tells what a batch used: the object itself, the lines of its results, or those of a file, where that is the output of one.
   * Absent: nothing does.
   */
  readonly settles?: 'object' | ResultLines
  /** What `{inner}` is, where that is somebody's by itself. Absent: it is whose the object is, in which its provider looks for it. */
  readonly innerKind?: StateKind
  /** Top-level members of the body that name a file of the caller's. */
  readonly takes?: readonly string[]
  /** The same of members that may be absent: an id, a list of them, or a list of objects with a `file_id`. */
  readonly mayTake?: readonly string[]
  /** Whether the body holds items, as a response does, which may name files and earlier answers. */
  readonly holdsItems?: boolean
  /** Top-level members of the answer that name files which came about, or are such files. */
  readonly brings?: readonly string[]
  /** What the items are that its answer lists, each of which a later call may name. Absent: it lists none. */
  readonly listsItems?: 'item' | 'answer'
}

export function readAndRemove(family: CarriedFamily, path: string, kind: StateKind): readonly CarriedRoute[] {
  const route = { family, path, kind, body: 'none', costs: 'nothing' } as const
  return [
    { ...route, method: 'GET', does: 'read' },
    { ...route, method: 'DELETE', does: 'remove' },
  ]
}

export function bytesOf(family: CarriedFamily, path: string, kind: StateKind): CarriedRoute {
  return { family, method: 'GET', path, kind, does: 'read', body: 'none', costs: 'nothing', answersBytes: true }
}
