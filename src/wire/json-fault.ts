/** Where and why a text is not JSON. Says nothing of what stands there: bodies do not belong in messages or logs. */
export interface JsonFault {
  /** Counted from 1; lines end with LF. */
  readonly line: number
  /** Counted from 1, in characters (code points). */
  readonly column: number
  readonly problem: string
}

/**
 * Finds the first place at which a text breaks the grammar of RFC 8259. For a text that `JSON.parse` has refused: its own
 * messages quote the body, and not all of them name a place.
 * @returns `undefined` when the text is JSON after all.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const found = faultOf(text)
  if (found === undefined) return undefined
  let line = 1
  let lineStart = 0
  for (let position = 0; position < found.offset; position++) {
    if (text.charCodeAt(position) !== lineFeed) continue
    line++
    lineStart = position + 1
  }
  const column = text.slice(lineStart, found.offset).replace(secondHalf, '').length + 1
  return { line, column, problem: found.problem }
}

interface Fault {
  readonly offset: number
  readonly problem: string
}

/** What may stand next. `value-or-end` and `key-or-end` come after an opening bracket, `separator` after a value. */
type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'separator'

function faultOf(text: string): Fault | undefined {
  const open: string[] = []
  let expected: Expected = 'value'
  let position = 0
  for (;;) {
    position = matchEnd(spaces, text, position) ?? position
    const isWhole = expected === 'separator' && open.length === 0
    if (position === text.length) return isWhole ? undefined : { offset: position, problem: 'unexpected end' }
    if (isWhole) return { offset: position, problem: 'unexpected text after the end' }
    const character = text.charAt(position)
    const isObject = open.at(-1) === '{'
    const isKey: boolean = expected === 'key' || expected === 'key-or-end'
    const mayClose = expected === 'separator' || (isObject ? expected === 'key-or-end' : expected === 'value-or-end')
    if (mayClose && open.length > 0 && character === (isObject ? '}' : ']')) {
      open.pop()
      expected = 'separator'
      position++
    } else if (expected === 'separator') {
      if (character !== ',') return { offset: position, problem: 'expected a comma or a closing bracket' }
      expected = isObject ? 'key' : 'value'
      position++
    } else if (expected === 'colon') {
      if (character !== ':') return { offset: position, problem: 'expected a colon' }
      expected = 'value'
      position++
    } else if (character === '"') {
      const end = stringEnd(text, position + 1)
      if (typeof end !== 'number') return end
      expected = isKey ? 'colon' : 'separator'
      position = end
    } else if (isKey) {
      return { offset: position, problem: 'expected a key in double quotes' }
    } else if (character === '{' || character === '[') {
      open.push(character)
      expected = character === '{' ? 'key-or-end' : 'value-or-end'
      position++
    } else {
      const end = matchEnd(scalar, text, position)
      if (end === undefined) return { offset: position, problem: 'expected a value' }
      expected = 'separator'
      position = end
    }
  }
}

/** The offset after the closing quote, or the fault within the string. */
function stringEnd(text: string, start: number): number | Fault {
  let position = start
  for (;;) {
    position = matchEnd(plainText, text, position) ?? position
    if (position === text.length) return { offset: position, problem: 'unexpected end inside a string' }
    if (text.charAt(position) === '"') return position + 1
    const afterEscape = matchEnd(escape, text, position)
    if (afterEscape === undefined) {
      const isEscape = text.charAt(position) === '\\'
      return {
        offset: position,
        problem: isEscape ? 'bad escape in a string' : 'unescaped control character in a string',
      }
    }
    position = afterEscape
  }
}

const lineFeed = 0x0a
const spaces = /[ \t\n\r]+/y
const scalar = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
// oxlint-disable-next-line no-control-regex -- the grammar of JSON strings is about control characters
const plainText = /[^"\\\u0000-\u001f]+/y
const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const secondHalf = /(?<=[\uD800-\uDBFF])[\uDC00-\uDFFF]/g

function matchEnd(pattern: RegExp, text: string, position: number): number | undefined {
  pattern.lastIndex = position
  return pattern.test(text) ? pattern.lastIndex : undefined
}
