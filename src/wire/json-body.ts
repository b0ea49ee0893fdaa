import { isUtf8 } from 'node:buffer'
import { GatewayError } from '../canonical/error.ts'
import { isJsonObject } from '../canonical/json.ts'
import type { Json, JsonObject } from '../canonical/json.ts'
import { findJsonFault } from './json-fault.ts'
import { parseJson } from './json-parse.ts'
import { findRepeatedKey, pathText } from './json-repeats.ts'
import type { JsonPath } from './json-repeats.ts'
import { scanJson } from './json-scan.ts'
import type { JsonScan } from './json-scan.ts'

export interface JsonBody {
  /**
   * Objects are as `JSON.parse` makes them: a key named `__proto__` is a member like any other. Copying members one by
   * one by assignment, or with `Object.assign`, would make it act (failures.md N4).
   */
  readonly value: JsonObject
  /** Of the same bytes: for `spliceJson`. */
  readonly scan: JsonScan
  /** Somewhere in free form a key comes twice: the value has the last of the two, and the bytes have both. */
  readonly hasRepeats: boolean
}

/**
 * Reads a client's body that must be a JSON object meaning the same thing to every reader.
 * @param isFreeForm tells whether the object or array at a path is the client's own business, in which repeated keys do
 * not matter. Everything below such a path is free, too.
 * @throws GatewayError `invalid_request` when the body is empty, no UTF-8, begins with a byte order mark, is no JSON, no
 * object, too deep, of too many parts, or has a key twice in one object of the envelope.
 */
export function readJsonBody(bytes: Buffer, isFreeForm: (path: JsonPath) => boolean): JsonBody {
  if (bytes.length === 0) throw refused('the request body is empty; it must be a JSON object')
  // RFC 8259, section 8.1, lets a reader refuse the mark. Some readers do: what we let through must be readable to all.
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    throw refused('the request body begins with a byte order mark; send UTF-8 without one')
  }
  if (!isUtf8(bytes)) throw refused('the request body is not valid UTF-8')
  const text = bytes.toString('utf8')
  // Anything else is refused unparsed, however large: whether it is valid JSON does not matter then.
  if (!objectStart.test(text)) throw notAnObject()
  const isAscii = text.length === bytes.length
  const scan = isAscii ? scanJson(bytes, text) : scanJson(bytes)
  const value = parsed(text, scan.hasEscapedKey)
  // The first brace has told that already, but not the compiler.
  if (!isJsonObject(value)) throw notAnObject()
  // A key that comes twice is once in the parsed value. Only then is it worth finding out where it stands.
  const hasRepeats = countMembers(value) !== scan.memberCount
  if (hasRepeats) {
    const path = findRepeatedKey(text, isFreeForm)
    if (path !== undefined) {
      const param = pathText(path)
      throw new GatewayError('invalid_request', `the key ${param} is given more than once`, { param })
    }
  }
  return { value, scan, hasRepeats }
}

const objectStart = /^[ \t\n\r]*\{/

function parsed(text: string, hasEscapedKey: boolean): Json {
  try {
    return parseJson(text, hasEscapedKey)
  } catch (thrown) {
    // The parser's own message quotes the body, so it is not told, nor kept as a cause.
    const fault = findJsonFault(text)
    if (fault === undefined) throw thrown
    const { problem, line, column } = fault
    throw refused(`the request body is not valid JSON: ${problem} at line ${line}, column ${column}`)
  }
}

/** Members of all objects in a value no deeper than `maxJsonDepth`. */
function countMembers(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0
  const inner: readonly Json[] = isJsonArray(value) ? value : Object.values(value)
  let count = isJsonArray(value) ? 0 : inner.length
  for (const element of inner) {
    if (typeof element === 'object' && element !== null) count += countMembers(element)
  }
  return count
}

function isJsonArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function notAnObject(): GatewayError {
  return refused('the request body must be a JSON object')
}

function refused(message: string): GatewayError {
  return new GatewayError('invalid_request', message)
}
