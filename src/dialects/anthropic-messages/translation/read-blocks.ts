import type {
  Block,
  OpaqueBlock,
  TextBlock,
  ThoughtBlock,
  ToolResultBlock,
  ToolUseBlock,
} from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { readMarkedSignature, type Signed } from '../../shared/translation/signed-elsewhere.ts'
import { unsignedMark } from '../unsigned-thoughts.ts'
import { isDirectCaller } from './callers.ts'
import { Hearing } from './hearing.ts'
import { dialectName } from './own.ts'
import { readDocument, readImage, readSearchResult } from './read-media.ts'
import { typeName } from './type-name.ts'

/** Content in either of its spellings: a plain string is one block of text. */
export function readBlocks(content: string | readonly Json[], path: string): readonly Block[] {
  if (typeof content === 'string') return [plainText(content, path)]
  return content.map((block, index) => readBlock(block, `${path}[${index}]`))
}

/** A block of an unknown type, or of a known one in an unknown shape, is kept whole. */
function readBlock(wire: Json, path: string): Block {
  if (!isJsonObject(wire)) return opaque(wire, path, typeof wire)
  const read = typeof wire['type'] === 'string' ? readers.get(wire['type']) : undefined
  return read?.(wire, path) ?? opaque(wire, path, typeName(wire['type']))
}

type ReadBlock = (wire: JsonObject, path: string) => Block | undefined

const readers: ReadonlyMap<string, ReadBlock> = new Map<string, ReadBlock>([
  ['text', readText],
  ['image', readImage],
  ['document', (wire, path) => readDocument(wire, path, readBlocks)],
  ['search_result', (wire, path) => readSearchResult(wire, path, readBlocks)],
  ['thinking', readThinking],
  ['redacted_thinking', readRedacted],
  ['tool_use', readToolUse],
  ['tool_result', readToolResult],
])

/** Its wire value is the string itself. */
function plainText(text: string, path: string): TextBlock {
  return hear<TextBlock>(
    { kind: 'text', text, citations: undefined, cache: undefined },
    { dialect: dialectName, wire: text, path, heard: { text: '' } },
  )
}

function readText(wire: JsonObject, path: string): TextBlock | undefined {
  const hearing = new Hearing(wire, path, 'type')
  const text = hearing.text('text', 'text')
  if (text === undefined) return undefined
  const citations = hearing.list('citations', 'citations')
  return hearing.node<TextBlock>({ kind: 'text', text, citations, cache: hearing.cache() })
}

function readThinking(wire: JsonObject, path: string): ThoughtBlock | undefined {
  const hearing = new Hearing(wire, path, 'type')
  const text = hearing.text('text', 'thinking')
  const signature = hearing.text('signature', 'signature')
  if (text === undefined) return undefined
  const isSigned = signature !== undefined && signature !== '' && signature !== unsignedMark
  const signed = isSigned ? signedAs(signature) : undefined
  return hearing.node<ThoughtBlock>({
    kind: 'thought',
    text,
    signature: signed?.signature,
    redactedData: undefined,
    ...(signed && { signatureFormat: signed.format }),
  })
}

/** A client may have been given thoughts that another dialect's model signed: their mark says so. */
function signedAs(signature: string): Signed {
  return readMarkedSignature(signature) ?? { format: signatureFormat, signature }
}

function readRedacted(wire: JsonObject, path: string): ThoughtBlock | undefined {
  const hearing = new Hearing(wire, path, 'type')
  const redactedData = hearing.text('redactedData', 'data')
  if (redactedData === undefined) return undefined
  const { format, signature: data } = signedAs(redactedData)
  return hearing.node<ThoughtBlock>({
    kind: 'thought',
    text: '',
    signature: undefined,
    redactedData: data,
    signatureFormat: format,
  })
}

/** By OpenRouter's published name for it. */
export const signatureFormat = 'anthropic-claude-v1'

function readToolUse(wire: JsonObject, path: string): ToolUseBlock | undefined {
  const hearing = new Hearing(wire, path, 'type', ...(isDirectCaller(wire['caller']) ? ['caller.type'] : []))
  const id = hearing.text('id', 'id')
  const name = hearing.text('name', 'name')
  const input = hearing.object('argumentsText', 'input')
  if (id === undefined || name === undefined || input === undefined) return undefined
  const argumentsText = JSON.stringify(input)
  return hearing.node<ToolUseBlock>({
    kind: 'tool-use',
    id,
    name,
    argumentsText,
    signature: undefined,
    cache: hearing.cache(),
  })
}

function readToolResult(wire: JsonObject, path: string): ToolResultBlock | undefined {
  const hearing = new Hearing(wire, path, 'type')
  const { content } = wire
  const isReadable = content === undefined || content === null || typeof content === 'string' || isJsonArray(content)
  const toolUseId = hearing.text('toolUseId', 'tool_use_id')
  if (toolUseId === undefined || !isReadable) return undefined
  hearing.understood('blocks', 'content')
  return hearing.node<ToolResultBlock>({
    kind: 'tool-result',
    toolUseId,
    blocks: readBlocks(content ?? [], `${path}.content`),
    isError: hearing.flag('isError', 'is_error'),
    cache: hearing.cache(),
  })
}

function opaque(wire: Json, path: string, type: string): OpaqueBlock {
  return hear<OpaqueBlock>({ kind: 'opaque', type }, { dialect: dialectName, wire, path, heard: { type: 'type' } })
}
