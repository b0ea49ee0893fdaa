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
