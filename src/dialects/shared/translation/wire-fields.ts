import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray } from '../call-fields.ts'

/**
 * Reads the fields of one wire object into a canonical node, and keeps count of what was understood: a field is heard only
 * if its value could be used. What is wrong or unknown stays unheard, so that it is a loss elsewhere and never an error here.
 * Each verb takes the canonical field and the wire keys (dotted below the object) that may say it; the first that does is
 * heard.
 */
export class WireFields {
  readonly wire: JsonObject
  readonly path: string
  readonly #dialect: string
  readonly #heard: Record<string, string> = {}
  readonly #structural: string[] = []
  #approximated: Readonly<Record<string, string>> | undefined

  /** @param dialect whose wording the object is in. */
  constructor(dialect: string, wire: JsonObject, path: string) {
    this.#dialect = dialect
    this.wire = wire
    this.path = path
  }
  at(key: string): Json | undefined {
    let value: Json | undefined = this.wire
    for (const step of key.split('.')) {
      if (!isJsonObject(value) || !Object.hasOwn(value, step)) return undefined
      value = value[step]
    }
    return value
  }

  text(field: string, ...keys: readonly string[]): string | undefined {
    return this.#first(field, keys, isText)
  }

  number(field: string, ...keys: readonly string[]): number | undefined {
    return this.#first(field, keys, isNumber)
  }

  flag(field: string, ...keys: readonly string[]): boolean | undefined {
    return this.#first(field, keys, isFlag)
  }

  object(field: string, ...keys: readonly string[]): JsonObject | undefined {
    return this.#first(field, keys, isJsonObject)
  }

  list(field: string, ...keys: readonly string[]): readonly Json[] | undefined {
    return this.#first(field, keys, isJsonArray)
  }

  /** A field that was read by other means. */
  note(field: string, key: string): void {
    this.#heard[field] = key
  }

  /** The key that a field was heard under, if it was. */
  keyOf(field: string): string | undefined {
    return this.#heard[field]
  }

  /** Keys that carry nothing of their own, or whose value is a node with its own memory. */
  understand(...keys: readonly string[]): void {
    this.#structural.push(...keys)
  }

  /** A key that canonical words say only roughly: another dialect hears an approximation, whatever its words. */
  approximate(key: string, why: string): void {
    this.understand(key)
    this.#approximated = { ...this.#approximated, [key]: why }
  }

  /** Gives the node its memory. `wire` and `path` where the node is not the whole object. */
  hear<T extends object>(node: T, wire: Json = this.wire, path: string = this.path): T {
    return hear(node, {
      dialect: this.#dialect,
      wire,
      path,
      heard: { ...this.#heard, '': this.#structural.join(' ') },
      ...(this.#approximated && { approximated: this.#approximated }),
    })
  }

  /** A node that is only a few members of the object: the others are another node's to account for. */
  hearPart<T extends object>(node: T): T {
    return hear(node, { dialect: this.#dialect, wire: this.wire, path: this.path, heard: this.#heard, unheard: [] })
  }

  #first<V extends Json>(
    field: string,
    keys: readonly string[],
    is: (value: Json | undefined) => value is V,
  ): V | undefined {
    for (const key of keys) {
      const value = this.at(key)
      if (!is(value)) continue
      this.#heard[field] = key
      return value
    }
    return undefined
  }
}

/** A member of an object below a path. */
export function below(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string'
}

function isNumber(value: Json | undefined): value is number {
  return typeof value === 'number'
}

function isFlag(value: Json | undefined): value is boolean {
  return typeof value === 'boolean'
}
