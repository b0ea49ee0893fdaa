import { GatewayError } from '../canonical/error.ts'
import { isSpace, skipSpace } from './json-space.ts'
import { closingQuote } from './json-string.ts'

/** Where a value stands in a text: offsets in bytes. */
export interface JsonSpan {
  readonly start: number
  /** The offset after the value's last byte. */
  readonly end: number
}

/** A JSON body that is mostly one long list. */
export interface SplitList {
  /** The body, with the list left empty. */
  readonly rest: Buffer
  /**
   * Where each element stands in the body, in order. Between them there is nothing but commas; what an element holds is looked
   * at by whoever reads it.
   * @throws GatewayError `invalid_request` while it is gone through, where the list is not JSON.
   */
  readonly elements: Iterable<JsonSpan>
}

/**
 * Finds a list in a body without parsing either, so that a list that is longer than any one body may be can be read element by
 * element, and others have their turn. The body is JSON if the rest and every element are.
 * @param path to the list, from member to member: of each the names that it may have.
 * @returns `undefined` where no list is there.
 */
export function splitList(bytes: Buffer, path: readonly (readonly string[])[]): SplitList | undefined {
  const text = bytes.toString('latin1')
  const list = spanIn(text, bytes, path)
  if (!list || text.charCodeAt(list.start) !== openBracket) return undefined
  const rest = Buffer.concat([bytes.subarray(0, list.start), emptyList, bytes.subarray(list.end)])
  return { rest, elements: elementsOf(text, list) }
}

/** Where the value at such a path stands. Of text that is not JSON it tells nothing certain. */
export function findSpan(bytes: Buffer, path: readonly (readonly string[])[]): JsonSpan | undefined {
  return spanIn(bytes.toString('latin1'), bytes, path)
}

const emptyList = Buffer.from('[]')

function spanIn(text: string, bytes: Buffer, path: readonly (readonly string[])[]): JsonSpan | undefined {
  let start = skipSpace(text, 0)
  let span: JsonSpan | undefined
  for (const names of path) {
    span = memberIn(text, bytes, start, names)
    if (!span) return undefined
    start = span.start
  }
  return span
}

function memberIn(text: string, bytes: Buffer, object: number, names: readonly string[]): JsonSpan | undefined {
  if (text.charCodeAt(object) !== openBrace) return undefined
  for (let position = skipSpace(text, object + 1); text.charCodeAt(position) === quote;) {
    const keyEnd = closingQuote(text, position + 1)
    if (keyEnd === -1) return undefined
    const key = keyOf(bytes, position, keyEnd + 1)
    const colonAt = skipSpace(text, keyEnd + 1)
    const start = skipSpace(text, colonAt + 1)
    const end = endOfValue(text, start)
    if (text.charCodeAt(colonAt) !== colon || end === -1) return undefined
    if (key !== undefined && names.includes(key)) return { start, end }
    position = skipSpace(text, end)
    if (text.charCodeAt(position) !== comma) return undefined
    position = skipSpace(text, position + 1)
  }
  return undefined
}

function* elementsOf(text: string, { start: list, end: listEnd }: JsonSpan): Generator<JsonSpan> {
  let position = skipSpace(text, list + 1)
  if (position === listEnd - 1) return
  for (let count = 1; ; count++) {
    const end = endOfValue(text, position)
    if (end === -1 || end === position || end >= listEnd) throw notJson(count)
    yield { start: position, end }
    position = skipSpace(text, end)
    if (position === listEnd - 1 && text.charCodeAt(position) === closeBracket) return
    if (text.charCodeAt(position) !== comma) throw notJson(count)
    position = skipSpace(text, position + 1)
  }
}

function notJson(count: number): GatewayError {
  return new GatewayError('invalid_request', `the request body is not valid JSON: look at element ${count} of its list`)
}

/** @returns the offset after it; -1 where it does not end. */
function endOfValue(text: string, start: number): number {
  let depth = 0
  for (let position = start; position < text.length; position++) {
    const code = text.charCodeAt(position)
    if (code === quote) {
      position = closingQuote(text, position + 1)
      if (position === -1) return -1
      if (depth === 0) return position + 1
    } else if (code === openBrace || code === openBracket) depth++
    else if (code === closeBrace || code === closeBracket) {
      // It belongs to what holds the value.
      if (depth === 0) return position
      if (--depth === 0) return position + 1
    } else if (depth === 0 && (code === comma || isSpace(code))) return position
  }
  return -1
}

function keyOf(bytes: Buffer, start: number, end: number): string | undefined {
  try {
    const key: unknown = JSON.parse(bytes.toString('utf8', start, end))
    return typeof key === 'string' ? key : undefined
  } catch {
    // A bad escape: the text is not JSON, and whoever parses it says so.
    return undefined
  }
}

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
