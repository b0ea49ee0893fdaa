import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'

/**
 * Arguments that a stream tells leaf by leaf (`functionCall.partialArgs`, where the caller asked for
 * `streamFunctionCallArguments`; Vertex AI's page on function calling, read 2026-11): each piece names a place
 * (`$.rooms[0].name`) and holds a value, of a string perhaps only a part.
 */
export class PartialArguments {
  #value: JsonObject = {}

  /** What came whole. */
  put(args: JsonObject): void {
    this.#value = { ...this.#value, ...args }
  }

  add(piece: Json): void {
    if (!isJsonObject(piece)) return
    const { jsonPath, stringValue, numberValue, boolValue } = piece
    const value = stringValue ?? numberValue ?? boolValue ?? null
    if (typeof jsonPath !== 'string') return
    const grown = withValue(this.#value, stepsOf(jsonPath), value)
    if (isJsonObject(grown)) this.#value = grown
  }

  get text(): string {
    return JSON.stringify(this.#value)
  }
}

function stepsOf(path: string): readonly (string | number)[] {
  const steps = [...path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['([^']*)'\]/g)]
  return steps
    .slice(0, deepest)
    .map(([, name, index, quoted]) => (index === undefined ? (name ?? quoted ?? '') : Number(index)))
}

const deepest = 100

/** A string at a place goes on; anything else is put there. */
function withValue(holder: Json | undefined, [step, ...rest]: readonly (string | number)[], value: Json): Json {
  if (step === undefined) return typeof holder === 'string' && typeof value === 'string' ? holder + value : value
  if (typeof step === 'number') {
    const list: readonly Json[] = Array.isArray(holder) ? holder : []
    const place = Math.min(step, list.length)
    return list.toSpliced(place, 1, withValue(list[place], rest, value))
  }
  const members = isJsonObject(holder) ? Object.entries(holder) : []
  const before = members.find(([key]) => key === step)?.[1]
  const next = withValue(before, rest, value)
  // Not by assignment: a name may be `__proto__`.
  return Object.fromEntries(
    members.some(([key]) => key === step)
      ? members.map(([key, one]) => [key, key === step ? next : one])
      : [...members, [step, next]],
  )
}
