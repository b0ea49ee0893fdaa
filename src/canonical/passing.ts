/*
 * Collections whose entries come and go with every call. Behind each table that a `Map` or `Set` of V8's has outgrown stands a pointer to
 * the next one, also where it only swept out what was deleted. Once one such table is old, all that follow stay, with everything they
 * held, until the old space is collected; each minor collection copies them (6 MB each, with 260 calls between two: V8 of Node 26.10). Made
 * anew now and then, the chain is cut.
 */

/** So many entries come before a collection is made anew, or as many as it holds. */
const renewedAfter = 256

export class PassingMap<Key, Value> implements Iterable<readonly [Key, Value]> {
  #map = new Map<Key, Value>()
  #added = 0

  get size(): number {
    return this.#map.size
  }

  get(key: Key): Value | undefined {
    return this.#map.get(key)
  }

  has(key: Key): boolean {
    return this.#map.has(key)
  }

  set(key: Key, value: Value): void {
    this.#added += 1
    if (this.#added > Math.max(renewedAfter, this.#map.size)) {
      this.#map = new Map(this.#map)
      this.#added = 0
    }
    this.#map.set(key, value)
  }

  delete(key: Key): boolean {
    return this.#map.delete(key)
  }

  /** Of the entries that are there when it begins to be walked. */
  [Symbol.iterator](): Iterator<readonly [Key, Value]> {
    return this.#map[Symbol.iterator]()
  }
}

export class PassingSet<Value> implements Iterable<Value> {
  readonly #values = new PassingMap<Value, true>()

  get size(): number {
    return this.#values.size
  }

  has(value: Value): boolean {
    return this.#values.has(value)
  }

  add(value: Value): void {
    this.#values.set(value, true)
  }

  delete(value: Value): boolean {
    return this.#values.delete(value)
  }

  *[Symbol.iterator](): Iterator<Value> {
    for (const [value] of this.#values) yield value
  }
}
