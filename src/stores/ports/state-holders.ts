/**
 * Who holds what providers keep, so that a later call that names it finds it (design.md, state), and nobody else's does. What one
 * organisation has kept under a name stays its own.
 */
export interface StateHolders {
  /** Notes under which names a provider has kept an answer. On the disk a moment later: what a crash loses is refused. */
  keep(ids: readonly string[], holder: StateHolder): void
  /**
   * Notes what was made to be named later, such as a file. The death of the process does not lose it once this resolves.
   * @returns whether it is the holder's now: false where another organisation has kept the same name.
   */
  keepObject(object: KeptObject): Promise<boolean>
  /** In the order of the ids; `undefined`: nothing is known of it. */
  holdersOf(ids: readonly string[]): Promise<readonly (StateHolder | undefined)[]>
  /** The ids of what an organisation has made, the newest first. Answers are not listed. */
  objectsOf(question: ObjectsQuestion): Promise<readonly string[]>
  /** It is no more. */
  forget(id: string): Promise<void>
  /** What is still to be settled of it, for its own key where it has one; `undefined`: nothing. */
  openOf(asked: OpenAsked): Promise<string | undefined>
  /** The same, once: not even a power cut brings it back. */
  takeOpen(asked: OpenAsked): Promise<string | undefined>
}

/** Where something is kept that a provider keeps, and for whom. */
export interface StateHolder {
  readonly kind: StateKind
  /** Whose it is: nobody else may build on it. */
  readonly organisation: string
  readonly provider: string
  /** State is kept for an account, and another key may be another's. */
  readonly credentialId: string
  /** The model it is for, as its maker named it. Absent: none. */
  readonly modelName?: string | undefined
}

/**
 * `answer`: an answer, or what came about with it; forgotten when providers have. `item`: of a conversation. `upload`: a file that
 * is still being sent. `store`: one of vectors.
 */
export const stateKinds = [
  'answer',
  'item',
  'file',
  'batch',
  'cache',
  'upload',
  'store',
  'container',
  'conversation',
] as const

export type StateKind = (typeof stateKinds)[number]

export function isStateKind(text: unknown): text is StateKind {
  return stateKinds.some((kind) => kind === text)
}

/** Something that was made at a provider to be named later. */
export interface KeptObject {
  /** As the provider names it. */
  readonly id: string
  readonly holder: StateHolder
  /** Wall time. */
  readonly keptAtMs: number
  /** JSON object: what is still to be settled of it. With a `keyId` for that key's account alone, else for whoever asks. */
  readonly open: string | undefined
}

export interface OpenAsked {
  readonly id: string
  readonly keyId: string
}

export interface ObjectsQuestion {
  readonly organisation: string
  readonly kind: StateKind
  /** Only those that these providers hold. */
  readonly providers: readonly string[]
  /** The last one of the page before. */
  readonly after: string | undefined
  readonly limit: number
}
