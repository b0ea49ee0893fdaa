import { GatewayError } from '../canonical/error.ts'
import { isSpace, skipSpace } from './json-space.ts'
import { closingQuote } from './json-string.ts'

/** failures.md N3: deeper text breaks recursive readers. The outermost braces are level 1. */
export const maxJsonDepth = 64

/**
 * Members of all objects together, and objects and arrays together. Parsing costs more by their number than by the
 * length of the text: without these limits 10^6 keys would hold the event loop for a second, and 30 MB of `[],[],` for
 * three, with 1.6 GB of memory (measured 2026-11 on Node 26; failures.md N3). Honest bodies, with hundreds of tools and
 * thousands of messages, stay far below.
 */
export const maxJsonMembers = 100_000
export const maxJsonContainers = 100_000

/** Elements of all arrays and objects together: room for the longest honest lists, which hold token ids. */
export const maxJsonElements = 1_000_000

/** One member of the outermost object. Offsets count bytes. */
export interface JsonMember {
  /** Unescaped: `"mod\u0065l"` is `model`. */
  readonly key: string
  readonly valueStart: number
  /** The offset after the value's last byte. */
  readonly valueEnd: number
}

/** What one pass over the bytes tells. Of text that is not JSON it tells nothing certain, but it stays within bounds. */
export interface JsonScan {
  /** In the order of the text; a repeated key is there as often as it is written. Empty when the text is no object. */
  readonly members: readonly JsonMember[]
  /** The offset of the brace that closes the outermost object; -1 when there is none. */
  readonly closingBrace: number
  /** How many members the objects at all depths have, each as often as it is written. */
  readonly memberCount: number
  /** Whether any of them has a key that is written with a backslash: then `JSON.parse` must not be trusted with it. */
  readonly hasEscapedKey: boolean
  /** With which characters their keys begin, as `initialsOf` tells it. */
  readonly keyInitials: number
}

/**
 * A bit for each character that one of the words begins with; several characters share a bit. Where two such sets have no bit
 * in common, no word of the one is in the other: most questions after a key are answered by that alone.
 * @param words that begin with an ASCII character, which a key must be written with too (`hasEscapedKey`).
 */
export function initialsOf(words: Iterable<string>): number {
  let initials = 0
  for (const word of words) initials |= initialBit(word.charCodeAt(0))
  return initials
}

/**
 * Finds the top-level members of a JSON object without parsing it, and keeps text that is too deep or has too many
 * parts from any parser.
 * @param ascii the bytes as text, when the caller has it already and every byte is ASCII.
 * @throws GatewayError `invalid_request` beyond `maxJsonDepth`, `maxJsonMembers`, `maxJsonContainers`, `maxJsonElements`.
 */
export function scanJson(bytes: Buffer, ascii?: string): JsonScan {
  const latin1 = ascii ?? bytes.toString('latin1')
  // A Latin-1 string has one character a byte. Its `indexOf` and `charCodeAt` are inlined by V8, where the buffer's are
  // calls: half the time, the copy included.
  const length = latin1.length
  const members: JsonMember[] = []
  let closingBrace = -1
  let memberCount = 0
  let containerCount = 0
  let commaCount = 0
  let depth = 0
  let position = skipSpace(latin1, 0)
  // Whether we are between the braces of an outermost object.
  let isInBody = latin1.charCodeAt(position) === openBrace
  let stringStart = 0
  let stringEnd = 0
  let key = ''
  let valueStart = -1
  let hasEscapedKey = false
  let keyInitials = 0
  let backslash = backslashFrom(latin1, 0)
  for (; position < length; position++) {
    const code = latin1.charCodeAt(position)
    if (code === quote) {
      stringStart = position + 1
      stringEnd = closingQuote(latin1, stringStart)
      if (stringEnd === -1) break
      position = stringEnd
    } else if (code === colon) {
      if (++memberCount > maxJsonMembers) throw tooMany(maxJsonMembers, 'object members')
      if (backslash < stringStart) backslash = backslashFrom(latin1, stringStart)
      if (backslash < stringEnd) hasEscapedKey = true
      keyInitials |= initialBit(latin1.charCodeAt(stringStart))
      if (depth === 1 && isInBody) {
        key = keyOf(bytes, ascii, stringStart, stringEnd)
        valueStart = skipSpace(latin1, position + 1)
      }
    } else if (code === openBrace || code === openBracket) {
      if (++depth > maxJsonDepth) throw tooDeep()
      if (++containerCount > maxJsonContainers) throw tooMany(maxJsonContainers, 'objects and arrays')
    } else if (code === comma || code === closeBrace || code === closeBracket) {
      if (depth === 1 && valueStart !== -1) {
        members.push({ key, valueStart, valueEnd: endOfValue(latin1, valueStart, position) })
        valueStart = -1
      }
      if (code === comma) {
        if (++commaCount >= maxJsonElements) throw tooMany(maxJsonElements, 'elements')
      } else if (depth > 0) {
        depth--
        if (depth === 0 && isInBody) {
          isInBody = false
          closingBrace = code === closeBrace ? position : -1
        }
      }
    }
  }
  return { members, closingBrace, memberCount, hasEscapedKey, keyInitials }
}

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

function initialBit(code: number): number {
  return 1 << (code & 31)
}

/**
 * The key is decoded from the bytes, where text would do as well: a slice of the text would keep all of it in memory as long
 * as the scan. Short slices are copies in V8 (12 characters and fewer, `SlicedString::kMinLength`), and cost a fifth.
 */
function keyOf(bytes: Buffer, ascii: string | undefined, start: number, end: number): string {
  const isShort = ascii !== undefined && end - start <= longestCopiedSlice
  const raw = isShort ? ascii.slice(start, end) : bytes.toString('utf8', start, end)
  if (!raw.includes('\\')) return raw
  try {
    return String(JSON.parse(`"${raw}"`))
  } catch {
    // A bad escape: the text is not JSON, and whoever parses it says so.
    return raw
  }
}

const longestCopiedSlice = 12

/** The offset of the next backslash; the length of the text when there is none. */
function backslashFrom(latin1: string, from: number): number {
  const index = latin1.indexOf('\\', from)
  return index === -1 ? latin1.length : index
}

function endOfValue(latin1: string, start: number, delimiter: number): number {
  let end = delimiter
  while (end > start && isSpace(latin1.charCodeAt(end - 1))) end--
  return end
}

function tooDeep(): GatewayError {
  return new GatewayError('invalid_request', `the JSON body is nested deeper than ${maxJsonDepth} levels`)
}

function tooMany(limit: number, what: string): GatewayError {
  return new GatewayError('invalid_request', `the JSON body has more than ${limit} ${what}`)
}
