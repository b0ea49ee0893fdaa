import type { Block, ThoughtBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { readMarkedSignature, type Signed } from '../../shared/translation/signed-elsewhere.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { opaque } from './read-parts.ts'
import { dialectName, fieldsIn } from './own.ts'

/**
 * The thoughts that a client hands back beside the content of an assistant's turn. OpenAI has no word for them; its copies
 * have several, often two at once with the same text, of which the one that holds most is read:
 * - `reasoning_details` (OpenRouter, "Preserving reasoning", read 2026-11): a list with signatures and encrypted thoughts;
 * - `thinking_blocks` (LiteLLM): Anthropic's blocks as they are;
 * - `reasoning_content` (DeepSeek, xAI, llama.cpp) and `reasoning` (Groq, Ollama, OpenRouter): text, with which
 *   `reasoning_signature` may stand.
 */
export function readThoughts(message: WireFields): readonly Block[] {
  const details = message.at('reasoning_details')
  const blocks = message.at('thinking_blocks')
  if (isJsonArray(details) && details.length > 0) {
    message.understand('reasoning_details')
    const thoughts = readDetails(details, message.path)
    return [...copiesOf(message, thoughts), ...thoughts]
  }
  if (isJsonArray(blocks) && blocks.length > 0) {
    message.understand('thinking_blocks')
    const thoughts = blocks.map((block, index) => readThinkingBlock(block, `${message.path}.thinking_blocks[${index}]`))
    return [...copiesOf(message, thoughts), ...thoughts]
  }
  return readTexts(message)
}

/** The text of thoughts, for those who want it as one string. */
export function textOfThoughts(blocks: readonly Block[]): string {
  return blocks.map((block) => (block.kind === 'thought' ? block.text : '')).join('')
}

/** A text that is only a copy of the list's is understood; another one stays unheard, unless the list has none at all. */
function copiesOf(message: WireFields, thoughts: readonly Block[]): readonly Block[] {
  const text = textOfThoughts(thoughts)
  if (text === '') return readTexts(message)
  for (const key of textKeys) if (message.at(key) === text || message.at(key) === '') message.understand(key)
  return []
}

function readTexts(message: WireFields): readonly Block[] {
  const fields = fieldsIn(message.wire, message.path)
  const said = textKeys.filter((key) => typeof message.at(key) === 'string')
  // An empty text says nothing.
  message.understand(...said.filter((key) => message.at(key) === ''))
  const [key] = said.filter((one) => message.at(one) !== '')
  const signature = fields.text('signature', 'reasoning_signature')
  if (key === undefined && signature === undefined) return []
  const text = key === undefined ? '' : (fields.text('text', key) ?? '')
  if (key !== undefined) message.understand(...said.filter((one) => message.at(one) === text))
  if (signature !== undefined) message.understand('reasoning_signature')
  return [fields.hear<ThoughtBlock>({ kind: 'thought', text, signature, redactedData: undefined }, text)]
}

const textKeys = ['reasoning_content', 'reasoning'] as const

function readThinkingBlock(block: Json, path: string): Block {
  if (!isJsonObject(block)) return opaque(block, path, 'thinking_blocks')
  const fields = fieldsIn(block, path, 'type')
  const text = fields.text('text', 'thinking')
  const redactedData = fields.text('redactedData', 'data')
  if (text === undefined && redactedData === undefined) return opaque(block, path, 'thinking_blocks')
  const signature = fields.text('signature', 'signature')
  return fields.hear<ThoughtBlock>({ kind: 'thought', text: text ?? '', signature, redactedData })
}

/**
 * A client that put a stream together naively hands back the pieces one after the other: those of one thought have the same
 * type and index, and the signature comes last.
 */
function readDetails(details: readonly Json[], path: string): readonly Block[] {
  const thoughts: Block[] = []
  for (let first = 0; first < details.length;) {
    const type = typeOf(details[first])
    let last = first
    if (type === 'reasoning.text' || type === 'reasoning.summary')
      while (last + 1 < details.length && isContinued(details[last], details[last + 1])) last++
    thoughts.push(readThought(details.slice(first, last + 1), first, path))
    first = last + 1
  }
  return thoughts
}

function isContinued(piece: Json | undefined, next: Json | undefined): boolean {
  if (!isJsonObject(piece) || !isJsonObject(next)) return false
  return piece['type'] === next['type'] && piece['index'] === next['index'] && !isFilled(piece['signature'])
}

function readThought(pieces: readonly Json[], first: number, path: string): Block {
  const [head] = pieces
  const isOne = pieces.length === 1
  const at = `reasoning_details[${first}]`
  if (!isJsonObject(head) || !knownTypes.includes(typeOf(head)))
    return opaque(head ?? null, `${path}.${at}`, typeOf(head) || 'reasoning_details')
  const heard: Record<string, string> = {}
  const found: Record<string, string> = {}
  let text = ''
  for (const [index, piece] of pieces.entries()) {
    if (!isJsonObject(piece)) continue
    const key = (name: string) => (isOne ? name : `reasoning_details[${first + index}].${name}`)
    for (const [name, field] of fieldsOfDetail) {
      const value = piece[name]
      if (typeof value !== 'string') continue
      if (field === 'text') text += value
      else found[field] ??= value
      heard[field] ??= key(name)
    }
  }
  const [signature, data] = [signedAs(found['signature']), signedAs(found['redactedData'])]
  const thought: ThoughtBlock = {
    kind: 'thought',
    text,
    signature: signature?.signature,
    redactedData: data?.signature,
    signatureFormat: found['signatureFormat'] ?? signature?.format ?? data?.format,
  }
  const unheard = pieces.flatMap((piece, index) =>
    isJsonObject(piece)
      ? unknownKeys(piece).map((key) => (isOne ? key : `reasoning_details[${first + index}].${key}`))
      : [],
  )
  return hear<ThoughtBlock>(thought, {
    dialect: dialectName,
    wire: isOne ? head : pieces,
    path: isOne ? `${path}.${at}` : path,
    heard,
    unheard,
  })
}

/** A client may have been given thoughts that another dialect's model signed: their mark says so. */
function signedAs(text: string | undefined): Signed | undefined {
  if (text === undefined || text === '') return undefined
  return readMarkedSignature(text) ?? { format: undefined, signature: text }
}

const knownTypes = ['reasoning.text', 'reasoning.summary', 'reasoning.encrypted']

const fieldsOfDetail = [
  ['text', 'text'],
  ['summary', 'text'],
  ['signature', 'signature'],
  ['data', 'redactedData'],
  ['format', 'signatureFormat'],
] as const

function unknownKeys(piece: JsonObject): readonly string[] {
  const known = ['type', 'index', ...fieldsOfDetail.map(([name]) => name)]
  return Object.keys(piece).filter((key) => piece[key] !== null && !known.includes(key))
}

function typeOf(piece: Json | undefined): string {
  const type = isJsonObject(piece) ? piece['type'] : undefined
  return typeof type === 'string' ? type : ''
}

function isFilled(value: Json | undefined): boolean {
  return typeof value === 'string' && value !== ''
}
