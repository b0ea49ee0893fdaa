import type { Block, JsonBlock, ThoughtBlock, ToolResultBlock, ToolUseBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { readMarkedSignature, type Signed } from '../../shared/translation/signed-elsewhere.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { markOf, withMarks, withPoint, type Marked } from './marked.ts'
import { fieldsIn } from './own.ts'
import { readDocument, readImage, readSearchResult, readSound } from './read-media.ts'
import { opaqueBlock, readText } from './read-texts.ts'
import { redactedText } from '../redacted.ts'

/** @param signatureFormat who can read what the model of the call has signed. */
export function readBlocks(list: readonly Json[], path: string, signatureFormat: string): readonly Block[] {
  return withMarks(list, path, takesMark).map((marked) => readBlock(marked, signatureFormat))
}

function readBlock(marked: Marked, signatureFormat: string): Block {
  const { wire, path } = marked
  const kind = isJsonObject(wire) ? blockKinds.find((one) => wire[one] !== undefined) : undefined
  if (kind === undefined || !isJsonObject(wire)) return opaqueBlock(marked)
  const read = readers[kind](fieldsIn(wire, path), marked, signatureFormat)
  return read ? withPoint(read, marked) : opaqueBlock(marked)
}

const blockKinds = [
  'text',
  'image',
  'document',
  'audio',
  'searchResult',
  'toolUse',
  'toolResult',
  'reasoningContent',
  'json',
] as const
type BlockKind = (typeof blockKinds)[number]
type ReadBlock = (fields: WireFields, marked: Marked, signatureFormat: string) => Block | undefined

const readers: Readonly<Record<BlockKind, ReadBlock>> = {
  text: readText,
  image: readImage,
  document: readDocument,
  audio: readSound,
  searchResult: readSearchResult,
  toolUse: readToolUse,
  toolResult: readToolResult,
  reasoningContent: (fields, _marked, signatureFormat) => readThought(fields, signatureFormat),
  json: readJson,
}

/** What is kept whole, and thoughts, have no mark in any dialect. */
function takesMark(wire: Json): boolean {
  if (!isJsonObject(wire)) return false
  const read = readers[blockKinds.find((kind) => wire[kind] !== undefined) ?? 'json']
  const block = read(fieldsIn(wire, ''), { wire, path: '', point: undefined }, '')
  return block !== undefined && 'cache' in block
}

/** A call of a tool that Bedrock runs itself is kept whole, as its result is. */
function readToolUse(fields: WireFields, { point }: Marked): ToolUseBlock | undefined {
  const input = fields.object('argumentsText', 'toolUse.input')
  const id = fields.text('id', 'toolUse.toolUseId')
  const name = fields.text('name', 'toolUse.name')
  if (id === undefined || name === undefined || input === undefined || isServerTool(fields)) return undefined
  if (fields.at('toolUse.type') === 'tool_use') fields.understand('toolUse.type')
  const argumentsText = JSON.stringify(input)
  return fields.hear<ToolUseBlock>({
    kind: 'tool-use',
    id,
    name,
    argumentsText,
    signature: undefined,
    cache: markOf(point),
  })
}

function isServerTool(fields: WireFields): boolean {
  return fields.at('toolUse.type') === 'server_tool_use'
}

function readToolResult(fields: WireFields, { point }: Marked): ToolResultBlock | undefined {
  const toolUseId = fields.text('toolUseId', 'toolResult.toolUseId')
  const content = fields.list('blocks', 'toolResult.content')
  if (toolUseId === undefined || content === undefined || fields.at('toolResult.type') !== undefined) return undefined
  const status = fields.at('toolResult.status')
  const isKnown = status === 'error' || status === 'success'
  if (isKnown) fields.note('isError', 'toolResult.status')
  return fields.hear<ToolResultBlock>({
    kind: 'tool-result',
    toolUseId,
    blocks: readBlocks(content, `${fields.path}.toolResult.content`, ''),
    isError: isKnown ? status === 'error' : undefined,
    cache: markOf(point),
  })
}

function readThought(fields: WireFields, signatureFormat: string): ThoughtBlock | undefined {
  const redacted = fields.at('reasoningContent.redactedContent')
  if (typeof redacted === 'string') return readRedacted(fields, redacted, signatureFormat)
  const text = fields.text('text', 'reasoningContent.reasoningText.text')
  if (text === undefined) return undefined
  const said = fields.text('signature', 'reasoningContent.reasoningText.signature')
  const { format, signature } = signedAs(said ?? '', signatureFormat)
  return fields.hear<ThoughtBlock>({
    kind: 'thought',
    text,
    signature: signature === '' ? undefined : signature,
    redactedData: undefined,
    ...(signature !== '' && { signatureFormat: format }),
  })
}

function readRedacted(fields: WireFields, base64: string, signatureFormat: string): ThoughtBlock | undefined {
  const said = redactedText(base64)
  if (said === undefined) return undefined
  fields.note('redactedData', 'reasoningContent.redactedContent')
  const { format, signature: redactedData } = signedAs(said, signatureFormat)
  return fields.hear<ThoughtBlock>({
    kind: 'thought',
    text: '',
    signature: undefined,
    redactedData,
    signatureFormat: format,
  })
}

/** A client may have been given thoughts that another dialect's model signed: their mark says so. */
function signedAs(signature: string, format: string): Signed {
  return readMarkedSignature(signature) ?? { format, signature }
}

/** A value as a tool gave it. */
function readJson(fields: WireFields): JsonBlock | undefined {
  const value = fields.at('json')
  if (value === undefined) return undefined
  fields.note('value', 'json')
  return fields.hear<JsonBlock>({ kind: 'json', value })
}

export function listOf(wire: JsonObject, key: string): readonly Json[] {
  const list = wire[key]
  return isJsonArray(list) ? list : []
}
