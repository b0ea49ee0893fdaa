import type { CacheMark } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { dialectName } from './own.ts'

/**
 * Reads the fields of one wire object, and keeps account of those it understood. A field whose value is not of its kind
 * counts as not understood: it stays in the wire value, and another dialect is told that it was lost. `null` is absent.
 */
export class Hearing {
  readonly wire: JsonObject
  readonly path: string
  readonly #heard: Record<string, string> = {}
  readonly #structural: string[]

  /** @param structural keys that carry nothing of their own, such as `type`. */
  constructor(wire: JsonObject, path: string, ...structural: readonly string[]) {
    this.wire = wire
    this.path = path
    this.#structural = [...structural]
  }

  text(field: string, key: string): string | undefined {
    return this.#take(field, key, (value) => typeof value === 'string')
  }

  number(field: string, key: string): number | undefined {
    return this.#take(field, key, (value) => typeof value === 'number')
  }

  flag(field: string, key: string): boolean | undefined {
    return this.#take(field, key, (value) => typeof value === 'boolean')
  }

  list(field: string, key: string): readonly Json[] | undefined {
    return this.#take(field, key, isJsonArray)
  }

  object(field: string, key: string): JsonObject | undefined {
    return this.#take(field, key, isJsonObject)
  }

  /** The mark of a prompt cache, where it may always stand. */
  cache(): CacheMark | undefined {
    const said = this.wire['cache_control']
    if (said !== undefined && said !== null && !(isJsonObject(said) && said['type'] === 'ephemeral')) return undefined
    this.understood('cache', 'cache_control', 'type')
    if (!isJsonObject(said)) return undefined
    const { ttl } = said
    if (ttl === '5m' || ttl === '1h') this.#structural.push('cache_control.ttl')
    return { ttl: ttl === '5m' || ttl === '1h' ? ttl : undefined }
  }

  /** A field that its caller read, with the keys inside it that were understood (none named: all of it). */
  understood(field: string, key: string, ...inside: readonly string[]): void {
    this.#heard[field] = key
    this.#structural.push(...inside.map((below) => `${key}.${below}`))
  }

  /** The node that was read, frozen, remembering all this. */
  node<T extends object>(node: T): T {
    const heard = { ...this.#heard, '': this.#structural.join(' ') }
    return hear(node, { dialect: dialectName, wire: this.wire, path: this.path, heard })
  }

  #take<T extends Json>(field: string, key: string, isRight: (value: Json) => value is T): T | undefined {
    const value = valueAt(this.wire, key)
    if (value === undefined || value === null) {
      this.#heard[field] = key
      return undefined
    }
    if (!isRight(value)) return undefined
    this.#heard[field] = key
    return value
  }
}

function valueAt(wire: JsonObject, key: string): Json | undefined {
  let value: Json | undefined = wire
  for (const step of key.split('.')) value = isJsonObject(value) ? value[step] : undefined
  return value
}
