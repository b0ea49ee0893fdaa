import { isJsonObject, type Json } from '../../src/canonical/json.ts'

/** Chance that can be repeated: the same seed gives the same numbers (mulberry32, public domain). */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 to below `sides`. */
  roll(sides: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides
  }

  pick<T>(list: readonly T[]): T {
    const found = list[this.roll(list.length)]
    if (found === undefined) throw new RangeError('nothing to pick from')
    return found
  }
}

/** The value with a few of its places changed in ways that no client means well. */
export function mutant(value: Json, dice: Dice): Json {
  let changed = value
  for (let count = 1 + dice.roll(4); count > 0; count--) changed = changedSomewhere(changed, dice, 0)
  return changed
}

function changedSomewhere(value: Json, dice: Dice, depth: number): Json {
  const isLeaf = typeof value !== 'object' || value === null || Object.keys(value).length === 0
  if (isLeaf || depth > 40 || dice.roll(5) === 0) return changedHere(value, dice, depth)
  if (Array.isArray(value)) {
    const place = dice.roll(value.length)
    return value.with(place, changedSomewhere(value[place] ?? null, dice, depth + 1))
  }
  if (!isJsonObject(value)) return value
  const chosen = dice.pick(Object.keys(value))
  return fromMembers(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === chosen ? changedSomewhere(inner, dice, depth + 1) : inner,
    ]),
  )
}

function changedHere(value: Json, dice: Dice, depth: number): Json {
  switch (dice.roll(8)) {
    case 0:
      return dice.pick(hostileValues)
    case 1:
      return nested(value, 1 + dice.roll(Math.max(1, 50 - depth)), dice)
    case 2:
      return Array.isArray(value)
        ? value.toSpliced(dice.roll(value.length + 1), dice.roll(2), dice.pick(hostileValues))
        : [value]
    case 3:
      return withoutOne(value, dice)
    case 4:
      return withOneMore(value, dice)
    case 5:
      return withOneRenamed(value, dice)
    case 6:
      return Array.isArray(value) ? [...value, ...value].slice(0, 200) : { [dice.pick(keys)]: value }
    default:
      return typeof value === 'string'
        ? `${value.slice(0, dice.roll(value.length + 1))}${dice.pick(hostileTexts)}`
        : JSON.stringify(value)
  }
}

function withoutOne(value: Json, dice: Dice): Json {
  if (Array.isArray(value)) return value.length === 0 ? value : value.toSpliced(dice.roll(value.length), 1)
  if (!isJsonObject(value) || Object.keys(value).length === 0) return null
  const gone = dice.pick(Object.keys(value))
  return fromMembers(Object.entries(value).filter(([key]) => key !== gone))
}

function withOneMore(value: Json, dice: Dice): Json {
  if (!isJsonObject(value)) return [value, value]
  return fromMembers([...Object.entries(value), [dice.pick(keys), dice.pick(hostileValues)]])
}

function withOneRenamed(value: Json, dice: Dice): Json {
  if (!isJsonObject(value) || Object.keys(value).length === 0) return {}
  const [from, to] = [dice.pick(Object.keys(value)), dice.pick(keys)]
  return fromMembers(Object.entries(value).map(([key, inner]) => [key === from ? to : key, inner]))
}

function nested(value: Json, levels: number, dice: Dice): Json {
  const key = dice.pick(keys)
  let outer = value
  for (let level = 0; level < levels; level++) outer = level % 2 === 0 ? [outer] : { [key]: outer }
  return outer
}

/** As `JSON.parse` would make it: `__proto__` is a member like any other. */
function fromMembers(members: readonly (readonly [string, Json])[]): Json {
  return Object.fromEntries(members)
}

const hostileTexts: readonly string[] = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\udc00x',
  '\u2028',
  '{"a":',
  '[]',
  'null',
  'data: [DONE]\n\n',
  '\r\n\r\n',
  'data:;base64,',
  'data:image/png;base64,****',
  'https://',
  'x'.repeat(5000),
  '__proto__',
  '%00',
  '-1',
  '1e999',
]

const hostileNumbers: readonly number[] = [0, -1, 0.5, 1e308, -1e308, 2 ** 53, 2 ** 31, 1e-7]

const hostileValues: readonly Json[] = [
  null,
  true,
  false,
  ...hostileNumbers,
  ...hostileTexts,
  [],
  {},
  [[]],
  [null],
  [{}],
  { type: 'text' },
  { type: 'text', text: 1 },
  { type: 'tool_use' },
  { type: 'image' },
  { type: 'thinking' },
  { role: 'user' },
  { role: 'tool', content: [] },
  { role: 'assistant', tool_calls: [{}] },
  { function: null },
  { type: 'tool_result', content: [{ type: 'tool_result', content: 'x' }] },
  { type: 'document', source: {} },
  { type: 'image_url', image_url: 7 },
  { constructor: 1, toString: 2 },
  Object.fromEntries([['__proto__', { a: 1 }]]),
]

const keys: readonly string[] = (
  'type role content text name id input arguments function tool_calls tool_call_id tool_use_id messages tools model ' +
  'system source data url media_type cache_control thinking signature choices delta message usage index finish_reason ' +
  'stop stop_reason max_tokens stream n __proto__ constructor toString hasOwnProperty length then 0 -1'
).split(' ')
