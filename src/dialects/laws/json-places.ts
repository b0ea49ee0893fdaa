import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'

/** Keys and array places from the root of a body. */
export type Path = readonly (string | number)[]

export interface Place {
  readonly path: Path
  readonly value: Json
}

/** Every member and every array element, parents before their children. A free-form value is a place; what is in it is none. */
export function* placesIn(value: Json, isFreeForm: (path: Path) => boolean, path: Path = []): Generator<Place> {
  if (path.length > 0) yield { path, value }
  if (path.length > 0 && isFreeForm(path)) return
  for (const [key, inner] of membersOf(value)) yield* placesIn(inner, isFreeForm, [...path, key])
}

/** The value with one place taken out; everything that does not hold it is shared with the original. */
export function without(value: Json, path: Path): Json {
  const [step, ...rest] = path
  if (Array.isArray(value) && typeof step === 'number')
    return rest.length === 0
      ? value.toSpliced(step, 1)
      : value.map((inner, index) => (index === step ? without(inner, rest) : inner))
  if (isJsonObject(value))
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, inner]) => {
        if (key !== step) return [[key, inner]]
        return rest.length === 0 ? [] : [[key, without(inner, rest)]]
      }),
    )
  return value
}

/** The value with every string leaf, outside free-form values too, replaced by what `change` makes of it. */
export function withStrings(value: Json, change: (text: string, path: Path) => string, path: Path = []): Json {
  if (typeof value === 'string') return change(value, path)
  if (Array.isArray(value)) return value.map((inner, index) => withStrings(inner, change, [...path, index]))
  if (isJsonObject(value)) return mapMembers(value, (inner, key) => withStrings(inner, change, [...path, key]))
  return value
}

/** The value with a field that nobody knows in every object outside free-form values. */
export function withUnknownFields(value: Json, isFreeForm: (path: Path) => boolean, path: Path = []): Json {
  if (path.length > 0 && isFreeForm(path)) return value
  if (Array.isArray(value)) return value.map((inner, index) => withUnknownFields(inner, isFreeForm, [...path, index]))
  if (!isJsonObject(value)) return value
  const inner = mapMembers(value, (member, key) => withUnknownFields(member, isFreeForm, [...path, key]))
  return { ...inner, [unknownField]: { at: spell(path), list: [1, null, { deep: true }] } }
}

export const unknownField = 'x_not_known_to_anyone'

export interface Difference {
  readonly path: Path
  readonly left: Json | undefined
  readonly right: Json | undefined
}

/** Where two values differ, each difference as deep as it lies. Arrays of different length differ as a whole. */
export function* differencesOf(
  left: Json | undefined,
  right: Json | undefined,
  path: Path = [],
): Generator<Difference> {
  if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
    for (const [index, inner] of left.entries()) yield* differencesOf(inner, right[index], [...path, index])
  } else if (isJsonObject(left) && isJsonObject(right)) {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)]))
      yield* differencesOf(memberOf(left, key), memberOf(right, key), [...path, key])
  } else if (!Object.is(left, right) && !(isEmptyArray(left) && isEmptyArray(right))) yield { path, left, right }
}

/** As people and losses write it: `messages[2].content[0].text`. */
export function spell(path: Path): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('')
}

/** The same place in any body: `messages[].content[].text`. */
export function patternOf(path: Path): string {
  return spell(path).replace(/\[\d+\]/g, '[]')
}

/** Whether one spelled place is the other, or holds it. */
export function holds(outer: string, inner: string): boolean {
  return outer !== '' && (inner === outer || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`))
}

function membersOf(value: Json): readonly (readonly [string | number, Json])[] {
  if (Array.isArray(value)) return [...value.entries()]
  return isJsonObject(value) ? Object.entries(value) : []
}

function mapMembers(value: JsonObject, change: (member: Json, key: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, change(member, key)]))
}

function memberOf(value: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined
}

function isEmptyArray(value: Json | undefined): boolean {
  return Array.isArray(value) && value.length === 0
}
