import type { Json } from '../canonical/json.ts'
import { closingQuote } from './json-string.ts'

/**
 * Parses JSON with the keys that are written in it, which `JSON.parse` alone does not promise: in V8 12.8 to 14.6 at least
 * (Node 24 and 26) a key with an escape in it may come out as another key of the same length that was parsed before.
 * Having sent `{"a":1,"mod\\u":2}`, a client could send `{"a":1,"mod\u0065l":"x"}`, in which we would see no `model`
 * and the provider would (nodejs/node#63785, read 2026-11). Keys without escapes, and all other strings, come out right.
 * @param text no deeper than `maxJsonDepth`.
 * @param hasEscapedKey whether any key in it is written with a backslash, as `scanJson` tells.
 * @throws SyntaxError as `JSON.parse` does; its message quotes the text.
 */
export function parseJson(text: string, hasEscapedKey: boolean): Json {
  const value: Json = JSON.parse(text)
  return hasEscapedKey ? readValue({ text, position: 0 }) : value
}

/**
 * The same for text that nobody has scanned: of a provider, or arguments that a model wrote. Most of it has no backslash, and
 * most that has one has it in no key.
 * @throws SyntaxError as `JSON.parse` does, and when the text is nested deeper than `maxUnscannedDepth`.
 */
export function parseUnscannedJson(text: string): Json {
  const value: Json = JSON.parse(text)
  if (isNestedDeeper(text, maxUnscannedDepth)) throw new SyntaxError(`nested deeper than ${maxUnscannedDepth} levels`)
  return text.includes('\\') && hasEscapedKey(text) ? readValue({ text, position: 0 }) : value
}

/** Far above any honest answer, which holds what a call of 64 levels asked for, and far below what breaks recursive readers. */
export const maxUnscannedDepth = 512

/** Each string with a backslash is looked at once, to see whether a colon follows. */
function hasEscapedKey(text: string): boolean {
  let backslash = text.indexOf('\\')
  let position = 0
  while (backslash !== -1) {
    const start = text.indexOf('"', position)
    const end = start === -1 ? -1 : closingQuote(text, start + 1)
    if (end === -1) return false
    position = end + 1
    if (position <= backslash) continue
    keyEnd.lastIndex = position
    if (keyEnd.test(text)) return true
    backslash = text.indexOf('\\', position)
  }
  return false
}

function isNestedDeeper(text: string, most: number): boolean {
  if (!hasMoreOpenings(text, most)) return false
  let depth = 0
  structure.lastIndex = 0
  while (structure.test(text)) {
    const at = structure.lastIndex - 1
    const mark = text.charAt(at)
    if (mark === '"') structure.lastIndex = closingQuote(text, at + 1) + 1
    else if (mark === '{' || mark === '[') depth++
    else depth--
    if (depth > most) return true
  }
  return false
}

/** Brackets within strings are counted, too: what has few in all is not nested deep. */
function hasMoreOpenings(text: string, most: number): boolean {
  let left = most
  for (const bracket of ['{', '['])
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) if (--left < 0) return true
  return false
}

const structure = /["[\]{}]/g
const keyEnd = /[ \t\n\r]*:/y

/** The text is known to be JSON: nothing is checked a second time. */
interface Cursor {
  readonly text: string
  position: number
}

function readValue(cursor: Cursor): Json {
  const opening = nextCharacter(cursor)
  if (opening === '"') return readString(cursor)
  if (opening === '{') {
    const members: (readonly [string, Json])[] = []
    while (hasNext(cursor, '}')) {
      const key = readString(cursor)
      // Over the colon.
      nextCharacter(cursor)
      cursor.position++
      members.push([key, readValue(cursor)])
    }
    // Unlike assignment this makes `__proto__` a member like any other.
    return Object.fromEntries(members)
  }
  if (opening === '[') {
    const elements: Json[] = []
    while (hasNext(cursor, ']')) elements.push(readValue(cursor))
    return elements
  }
  scalar.lastIndex = cursor.position
  scalar.test(cursor.text)
  const start = cursor.position
  cursor.position = scalar.lastIndex
  const value: Json = JSON.parse(cursor.text.slice(start, cursor.position))
  return value
}

/** Steps over an opening bracket or a comma to the next element, or over the closing bracket. */
function hasNext(cursor: Cursor, closing: string): boolean {
  const isEnd = nextCharacter(cursor) === closing
  cursor.position++
  if (isEnd) return false
  if (nextCharacter(cursor) !== closing) return true
  cursor.position++
  return false
}

function readString(cursor: Cursor): string {
  const start = cursor.position
  cursor.position = closingQuote(cursor.text, start + 1) + 1
  return String(JSON.parse(cursor.text.slice(start, cursor.position)))
}

function nextCharacter(cursor: Cursor): string {
  space.lastIndex = cursor.position
  space.test(cursor.text)
  cursor.position = space.lastIndex
  return cursor.text.charAt(cursor.position)
}

const space = /[ \t\n\r]*/y
const scalar = /[^ \t\n\r,\]}]+/y
