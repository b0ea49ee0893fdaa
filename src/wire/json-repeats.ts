import { closingQuote } from './json-string.ts'

/** Steps from the outermost value inwards: keys of objects, places in arrays. */
export type JsonPath = readonly (string | number)[]

/**
 * Finds the first member whose key its object already has, by the keys' unescaped spelling. Parsers differ on which of
 * the two counts, so that such a body would mean one thing to us and another to the provider.
 * @param text valid JSON, no deeper than a caller's limit.
 * @param isFreeForm tells of the path of an object or array whether what is in it is the client's own business; then
 * everything below is, too, and it is not asked again. The path it is given is valid only during the call.
 * @returns the path of the repeated member, or `undefined`.
 */
export function findRepeatedKey(text: string, isFreeForm: (path: JsonPath) => boolean): JsonPath | undefined {
  const levels: Level[] = []
  const path: (string | number)[] = []
  let level: Level | undefined
  for (let position = 0; position < text.length; position++) {
    const code = text.charCodeAt(position)
    if (code === quote) {
      const start = position
      position = closingQuote(text, start + 1)
      if (level?.isKeyNext === true) {
        level.isKeyNext = false
        const key = level.keys === undefined ? '' : unescaped(text.slice(start, position + 1))
        path[path.length - 1] = key
        if (level.keys?.has(key) === true) return path
        level.keys?.add(key)
      }
    } else if (code === openBrace || code === openBracket) {
      const isFree: boolean = level?.isFree === true || isFreeForm(path)
      const isObject = code === openBrace
      level = { isFree, isObject, isKeyNext: isObject, keys: isObject && !isFree ? new Set() : undefined }
      levels.push(level)
      path.push(isObject ? '' : 0)
    } else if (code === closeBrace || code === closeBracket) {
      levels.pop()
      path.pop()
      level = levels.at(-1)
    } else if (code === comma && level !== undefined) {
      if (level.isObject) level.isKeyNext = true
      else path[path.length - 1] = Number(path.at(-1)) + 1
    }
  }
  return undefined
}

/** As a person writes it: `messages[0].content`, `tools[2]["odd name"]`. Cut where it grows too long for a message. */
export function pathText(path: JsonPath): string {
  const text = path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`
      if (!plainKey.test(step)) return `[${JSON.stringify(step.slice(0, longestPathText))}]`
      return index === 0 ? step : `.${step}`
    })
    .join('')
  return text.length > longestPathText ? `${text.slice(0, longestPathText)}...` : text
}

interface Level {
  readonly isFree: boolean
  readonly isObject: boolean
  /** The keys so far; `undefined` in arrays and where repeats do not matter. */
  readonly keys: Set<string> | undefined
  isKeyNext: boolean
}

const longestPathText = 200
const plainKey = /^[A-Za-z_$][A-Za-z0-9_$-]{0,99}$/
const quote = 0x22
const comma = 0x2c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

function unescaped(quoted: string): string {
  return quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1)
}
