import { isJsonObject, type Json, type JsonObject } from './json.ts'

/** What a node was read from. */
export interface Origin {
  /** The dialect it was worded in. Only that dialect may take it back word for word. */
  readonly dialect: string
  readonly wire: Json
  /** Where it stood in the body, such as `messages[2].content[0]`; empty for the body itself. */
  readonly path: string
  /**
   * Canonical field -> wire key (dotted below the node), for the fields that the reader understood. `+1.key` lies in the element of
   * the list that follows the node: some dialects mark what stands before (a cache point).
   */
  readonly heard: Readonly<Record<string, string>>
  /** Wire keys (dotted) of this node that no canonical word carries: what another dialect will not hear. */
  readonly unheard: readonly string[]
  /** Wire keys (dotted) that canonical words say only roughly, and why. Absent: none. */
  readonly approximated?: Readonly<Record<string, string>>
}

const origins = new WeakMap<object, Origin>()
const bases = new WeakMap<object, object>()

/**
 * Remembers where a node came from, and freezes it.
 * @param heard canonical field -> wire key, dotted where it lies deeper. Structural keys that carry nothing of their own
 *   (`type`, `role`) are named under `''`, separated by spaces.
 */
export function hear<T extends object>(
  node: T,
  origin: {
    readonly dialect: string
    readonly wire: Json
    readonly path: string
    readonly heard: Readonly<Record<string, string>>
    /** For a node that lies scattered over its wire value; otherwise it follows from what was heard. */
    readonly unheard?: readonly string[]
    readonly approximated?: Readonly<Record<string, string>>
  },
): T {
  const { '': structural = '', ...heard } = origin.heard
  const understood = [...Object.values(heard), ...structural.split(' ')].filter((key) => key !== '')
  const unheard = origin.unheard ?? (isJsonObject(origin.wire) ? unheardKeys(origin.wire, understood) : [])
  origins.set(node, { ...origin, heard, unheard })
  return frozen(node)
}

/** Where a node came from; for an edited one, where the node it was made from came from. */
export function originOf(node: object): Origin | undefined {
  const basis = bases.get(node)
  return origins.get(node) ?? (basis && originOf(basis))
}

/** The one way to change a node: a new frozen node that knows what it was made from, however often it was edited since. */
export function edit<T extends object>(node: T, change: Partial<T>): T {
  const next = frozen({ ...node, ...change })
  bases.set(next, bases.get(node) ?? node)
  return next
}

/**
 * Writes a node in a dialect. Its own dialect gets the remembered value, with only the changed fields replaced; another
 * one gets what `fresh` makes of canonical words alone.
 * @param join puts a change into the remembered value: given that, the node fresh as it was read, and fresh as it is now.
 */
export function rewrite<T extends object>(
  node: T,
  dialect: string,
  fresh: (node: T) => Json,
  join: (was: Json, before: Json, after: Json) => Json = patched,
): Json {
  const origin = origins.get(node)
  if (origin) return origin.dialect === dialect ? origin.wire : fresh(node)
  const basis = bases.get(node) as T | undefined
  if (!basis || originOf(basis)?.dialect !== dialect) return fresh(node)
  return join(rewrite(basis, dialect, fresh), fresh(basis), fresh(node))
}

/** Keeps everything of `was` but the members whose fresh writing differs, in objects within objects too. Lists change whole. */
export function patched(was: Json, before: Json | undefined, after: Json): Json {
  if (!isJsonObject(was) || !isJsonObject(before) || !isJsonObject(after)) return after
  const result: [string, Json][] = []
  for (const [key, value] of Object.entries(was)) {
    const next = memberOf(after, key)
    if (isSame(memberOf(before, key), next)) result.push([key, value])
    else if (next !== undefined) result.push([key, patched(value, memberOf(before, key), next)])
  }
  for (const [key, value] of Object.entries(after))
    if (!Object.hasOwn(was, key) && !isSame(memberOf(before, key), value)) result.push([key, value])
  return Object.fromEntries(result)
}

/** Only own members: a key may be called `constructor`. */
function memberOf(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** Untouched parts are the very same values, so a comparison of large bodies is short. */
export function isSame(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((value, index) => isSame(value, right[index]))
  if (!isJsonObject(left) || !isJsonObject(right)) return false
  const keys = Object.keys(left)
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && isSame(left[key], right[key]))
  )
}

/**
 * `null` says nothing, so there is nothing in it to hear. A key that is named both whole and deeper (`source`,
 * `source.type`) is the place of its field, and of what it holds only the deeper ones were understood.
 */
function unheardKeys(wire: JsonObject, understood: readonly string[]): readonly string[] {
  return Object.keys(wire).flatMap((key) => {
    const inner = wire[key]
    if (inner === null) return []
    const deeper = understood.filter((path) => path.startsWith(`${key}.`)).map((path) => path.slice(key.length + 1))
    if (deeper.length === 0 || !isJsonObject(inner)) return understood.includes(key) ? [] : [key]
    return unheardKeys(inner, deeper).map((below) => `${key}.${below}`)
  })
}

/** Freezes a value with all that it holds, as far as it is not frozen yet. */
export function frozen<T extends object>(node: T): T {
  if (Object.isFrozen(node)) return node
  Object.freeze(node)
  for (const value of Object.values(node)) if (typeof value === 'object' && value !== null) frozen(value)
  return node
}
