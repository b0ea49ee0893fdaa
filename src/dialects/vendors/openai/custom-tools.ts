import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Tool } from '../../../canonical/chat.ts'
import { inputOf } from '../../shared/translation/tool-input.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'

/**
 * Custom tools take plain text (OpenAI's guide on function calling, custom tools, read 2026-11). Other dialects have functions
 * only: there the text is the one argument of a function of the same name.
 */
const inputKey = 'input'

export const customToolWhy = 'a custom tool is told as a function whose one argument is its input'
export const notOneInputWhy = 'the model gave other arguments than the one input'

/**
 * A custom tool as a function.
 * @param prefix where its own members lie.
 * @returns `undefined` where it has no name.
 */
export function readCustomTool(fields: WireFields, prefix: '' | 'custom.'): Tool | undefined {
  const name = fields.text('name', `${prefix}name`)
  if (name === undefined) return undefined
  const key = `${prefix}format`
  const format = fields.at(key)
  const grammar = isJsonObject(format) ? grammarIn(format) : undefined
  if (grammar !== undefined) fields.approximate(key, 'the target is told the grammar in words, and enforces nothing')
  else if (isJsonObject(format) && format['type'] === 'text') fields.understand(key)
  fields.approximate('type', customToolWhy)
  return fields.hear<Tool>({
    kind: 'function',
    name,
    description: fields.text('description', `${prefix}description`),
    schema: schemaOf(grammar),
    isStrict: undefined,
    cache: undefined,
  })
}

function schemaOf(grammar: string | undefined): JsonObject {
  const plain = 'The whole input of the tool, as plain text.'
  const description = grammar ? `${plain} It must be in the form of this ${grammar}` : plain
  return {
    type: 'object',
    properties: { [inputKey]: { type: 'string', description } },
    required: [inputKey],
    additionalProperties: false,
  }
}

export function argumentsOfInput(input: string): string {
  return JSON.stringify({ [inputKey]: input })
}

/** @returns `isExact`: false when the arguments are not the one that was asked for. They are the input then, as they are. */
export function inputOfArguments(argumentsText: string): { readonly input: string; readonly isExact: boolean } {
  const { input: given, isExact } = inputOf(argumentsText)
  const { [inputKey]: input, ...others } = given
  const isAlone = Object.keys(others).length === 0
  if (isExact && typeof input === 'string') return { input, isExact: isAlone }
  if (isExact && input === undefined && isAlone) return { input: '', isExact }
  return { input: argumentsText, isExact: false }
}

/** The names of the custom tools of a call. @param member in which a tool of it holds its name; absent: in the tool itself. */
export function customNames(asked: JsonObject | undefined, member?: string): ReadonlySet<string> {
  const tools = asked?.['tools']
  const names = new Set<string>()
  for (const tool of Array.isArray(tools) ? tools : []) {
    if (!isJsonObject(tool) || tool['type'] !== 'custom') continue
    const holder = member === undefined ? tool : tool[member]
    const name = isJsonObject(holder) ? holder['name'] : undefined
    if (typeof name === 'string') names.add(name)
  }
  return names
}

/** Finds the input in arguments that come in pieces, so that it goes on in pieces too. */
export class ArgumentsInput {
  /** What has come and is not told: arguments before their text begins, an escape that is not whole. */
  #held = ''
  #place: 'before' | 'within' | 'behind' = 'before'

  /** @returns more of the input. */
  add(text: string): string {
    this.#held += text
    if (this.#place === 'before') {
      const opening = openingOfInput.exec(this.#held)
      if (!opening) return ''
      this.#place = 'within'
      this.#held = this.#held.slice(opening[0].length)
    }
    return this.#place === 'within' ? this.#takeText() : ''
  }

  /** The arguments are whole. @returns what of the input is still due; `isExact` as in `inputOfArguments`. */
  end(): { readonly input: string; readonly isExact: boolean } {
    const held = this.#held
    this.#held = ''
    switch (this.#place) {
      case 'before':
        return inputOfArguments(held)
      case 'within':
        return { input: held, isExact: false }
      case 'behind':
        return { input: '', isExact: held.trim() === '}' }
    }
  }

  #takeText(): string {
    let input = ''
    let at = 0
    for (;;) {
      mark.lastIndex = at
      const end = mark.exec(this.#held)?.index ?? this.#held.length
      input += this.#held.slice(at, end)
      at = end
      if (this.#held[at] !== '\\') break
      escape.lastIndex = at
      const [whole] = escape.exec(this.#held) ?? []
      if (whole === undefined) break
      input += whole.replace(escaped, (as, code, letter) =>
        typeof code === 'string' ? String.fromCharCode(Number.parseInt(code, 16)) : (letters.get(letter) ?? as),
      )
      at += whole.length
    }
    if (this.#held[at] === '"') {
      this.#place = 'behind'
      at += 1
    }
    this.#held = this.#held.slice(at)
    return input
  }
}

const openingOfInput = /^\s*\{\s*"input"\s*:\s*"/
const mark = /["\\]/g

/** An escape of a JSON text that is whole. One half of a character waits for the other. */
const escape = /\\(?:u[\da-fA-F]{4}(?:(?<![dD][89abAB]..)|(?=[^\\]|\\[^u])|\\u[\da-fA-F]{4})|[^u])/y
const escaped = /\\(?:u([\da-fA-F]{4})|([^]))/g
const letters: ReadonlyMap<unknown, string> = new Map([
  ...['"', '\\', '/'].map((letter) => [letter, letter] as const),
  ...Object.entries({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }),
])

function grammarIn(format: JsonObject | undefined): string | undefined {
  if (format?.['type'] !== 'grammar') return undefined
  const { syntax, definition } = isJsonObject(format['grammar']) ? format['grammar'] : format
  if (typeof definition !== 'string') return undefined
  return `${syntax === 'regex' ? 'regular expression' : 'Lark grammar'}:\n${definition}`
}
