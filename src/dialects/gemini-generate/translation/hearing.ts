import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { spelledIn } from '../../vendors/gemini/spelling.ts'
import { dialectName } from './own.ts'

/**
 * Reads the fields of one wire object in either spelling, and keeps account of those it understood. A field whose value is not of
 * its kind counts as not understood: it stays in the wire value, and another dialect is told that it was lost. `null` is absent.
 */
export class Hearing {
  readonly wire: JsonObject
  readonly path: string
  readonly #heard: Record<string, string> = {}
  readonly #structural: string[] = []

  constructor(wire: JsonObject, path: string) {
    this.wire = wire
    this.path = path
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

  object(field: string, key: string): JsonObject | undefined {
    return this.#take(field, key, isJsonObject)
  }

  texts(field: string, key: string): readonly string[] | undefined {
    return this.#take(field, key, isTexts)
  }

  /** A value as it stands, without a word on whether it was understood. Keys are dotted where they lie deeper. */
  at(key: string): Json | undefined {
    let value: Json | undefined = this.wire
    for (const step of this.spelled(key).split('.')) value = isJsonObject(value) ? value[step] : undefined
    return value
  }

  /** A field that its caller read. */
  understood(field: string, key: string): void {
    this.#heard[field] = this.spelled(key)
  }

  /** Keys that carry nothing of their own. */
  structural(...keys: readonly string[]): void {
    this.#structural.push(...keys.map((key) => this.spelled(key)))
  }

  /** A dotted key as the caller spells it. */
  spelled(key: string): string {
    let value: Json | undefined = this.wire
    const steps = key.split('.').map((step) => {
      const spelled: string = isJsonObject(value) ? spelledIn(value, step) : step
      value = isJsonObject(value) ? value[spelled] : undefined
      return spelled
    })
    return steps.join('.')
  }

  pathOf(key: string): string {
    return this.path === '' ? this.spelled(key) : `${this.path}.${this.spelled(key)}`
  }

  /** The node that was read, frozen, remembering all this. */
  node<T extends object>(node: T): T {
    const heard = { ...this.#heard, '': this.#structural.join(' ') }
    return hear(node, { dialect: dialectName, wire: this.wire, path: this.path, heard })
  }

  /** A node that is only a few members of the object: the others are another node's to account for. */
  partOfNode<T extends object>(node: T): T {
    return hear(node, { dialect: dialectName, wire: this.wire, path: this.path, heard: this.#heard, unheard: [] })
  }

  #take<T extends Json>(field: string, key: string, isRight: (value: Json) => value is T): T | undefined {
    const value = this.at(key)
    if (value !== undefined && value !== null && !isRight(value)) return undefined
    this.#heard[field] = this.spelled(key)
    return value ?? undefined
  }
}

function isTexts(value: Json): value is readonly string[] {
  return isJsonArray(value) && value.every((one) => typeof one === 'string')
}
