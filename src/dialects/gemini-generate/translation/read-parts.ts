import type {
  Block,
  JsonBlock,
  OpaqueBlock,
  TextBlock,
  ThoughtBlock,
  ToolResultBlock,
  ToolUseBlock,
} from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { camelCase, listedIn, memberOf } from '../../vendors/gemini/spelling.ts'
import type { CallIds } from './call-ids.ts'
import { Hearing } from './hearing.ts'
import { dialectName, signatureFormat } from './own.ts'
import { readMedium } from './read-media.ts'

/** One part of a content. One of an unknown kind, or of a known kind in an unknown shape, is kept whole. */
export function readPart(wire: Json, path: string, ids: CallIds): Block {
  if (!isJsonObject(wire)) return opaque(wire, path, typeof wire)
  const kind = kindOfPart(wire)
  const hearing = new Hearing(wire, path)
  return (kind === undefined ? undefined : readers[kind](hearing, ids)) ?? opaque(wire, path, kindOf(wire))
}

type PartKind = 'text' | 'functionCall' | 'functionResponse' | 'inlineData' | 'fileData'

const partKinds: readonly PartKind[] = ['functionCall', 'functionResponse', 'inlineData', 'fileData', 'text']

/** A part is one of these; more than one of them in a part is nothing that Google takes. */
function kindOfPart(wire: JsonObject): PartKind | undefined {
  return partKinds.find((kind) => memberOf(wire, kind) !== undefined)
}

const readers: Readonly<Record<PartKind, (hearing: Hearing, ids: CallIds) => Block | undefined>> = {
  text: readText,
  functionCall: readCall,
  functionResponse: readResult,
  inlineData: (hearing) => readMedium(hearing, 'inlineData'),
  fileData: (hearing) => readMedium(hearing, 'fileData'),
}

function readText(hearing: Hearing): TextBlock | ThoughtBlock | undefined {
  const text = hearing.text('text', 'text')
  const signature = hearing.text('signature', 'thoughtSignature')
  if (text === undefined) return undefined
  const thought = hearing.at('thought')
  if (typeof thought === 'boolean') hearing.structural('thought')
  if (thought === true) {
    const format = signature === undefined ? {} : { signatureFormat }
    return hearing.node<ThoughtBlock>({ kind: 'thought', text, signature, redactedData: undefined, ...format })
  }
  return hearing.node<TextBlock>({
    kind: 'text',
    text,
    citations: undefined,
    cache: undefined,
    ...(signature !== undefined && { signature }),
  })
}

function readCall(hearing: Hearing, ids: CallIds): ToolUseBlock | undefined {
  const id = hearing.text('id', 'functionCall.id')
  const name = hearing.text('name', 'functionCall.name')
  const args = hearing.object('argumentsText', 'functionCall.args')
  // Arguments of another kind are not Google's; they would be lost in silence.
  const isOdd = args === undefined && (hearing.at('functionCall.args') ?? undefined) !== undefined
  if (name === undefined || isOdd) return undefined
  return hearing.node<ToolUseBlock>({
    kind: 'tool-use',
    id: ids.call(id, name, hearing.path),
    name,
    argumentsText: JSON.stringify(args ?? {}),
    signature: hearing.text('signature', 'thoughtSignature'),
    cache: undefined,
  })
}

/** The name is that of the call, which an id stands for; without an id it finds the call. */
function readResult(hearing: Hearing, ids: CallIds): ToolResultBlock | undefined {
  const id = hearing.text('toolUseId', 'functionResponse.id')
  const name = hearing.at('functionResponse.name')
  const response = hearing.at('functionResponse.response') ?? {}
  const isNamed = typeof name === 'string' || (name === undefined && id !== undefined)
  if (!isNamed || !isJsonObject(response)) return undefined
  if (id === undefined) hearing.understood('toolUseId', 'functionResponse.name')
  else hearing.structural('functionResponse.name')
  hearing.structural('functionResponse.parts')
  hearing.understood('blocks', 'functionResponse.response')
  const said = readResponse(response, hearing.pathOf('functionResponse.response'))
  if (said.isError === true) hearing.understood('isError', 'functionResponse.response.error')
  const wire = hearing.at('functionResponse')
  const media = isJsonObject(wire) ? listedIn(wire, 'parts', hearing.pathOf('functionResponse')) : []
  return hearing.node<ToolResultBlock>({
    kind: 'tool-result',
    toolUseId: ids.result(id, name ?? '', hearing.path),
    blocks: [...said.blocks, ...media.map((part) => readResultPart(part.wire, part.path, ids))],
    isError: said.isError,
    cache: undefined,
  })
}

/**
 * "Use "output" key to specify function output and "error" key to specify error details (if any). If "output" and "error" keys are
 * not specified, then whole "response" is treated as function output" (@google/genai 2.14, `FunctionResponse`).
 */
function readResponse(
  response: JsonObject,
  path: string,
): { readonly blocks: readonly Block[]; readonly isError: true | undefined } {
  const [entry, ...others] = Object.entries(response)
  if (entry === undefined) return { blocks: [], isError: undefined }
  const [key, value] = entry
  const isWord = others.length === 0 && (key === 'output' || key === 'error')
  const said = isWord ? value : response
  const place = isWord ? `${path}.${key}` : path
  const isError = isWord && key === 'error' ? true : undefined
  const origin = { dialect: dialectName, wire: said, path: place, unheard: [] }
  if (typeof said === 'string') {
    const text: TextBlock = { kind: 'text', text: said, citations: undefined, cache: undefined }
    return { blocks: [hear(text, { ...origin, heard: { text: '' } })], isError }
  }
  return { blocks: [hear<JsonBlock>({ kind: 'json', value: said }, { ...origin, heard: { value: '' } })], isError }
}

function readResultPart(wire: Json, path: string, ids: CallIds): Block {
  const block = readPart(wire, path, ids)
  return block.kind === 'image' || block.kind === 'document' || block.kind === 'audio'
    ? block
    : opaque(wire, path, isJsonObject(wire) ? kindOf(wire) : typeof wire)
}

export function opaque(wire: Json, path: string, type: string): OpaqueBlock {
  return hear<OpaqueBlock>(
    { kind: 'opaque', type },
    { dialect: dialectName, wire, path, heard: { type: '' }, unheard: [] },
  )
}

/** The member that makes the part what it is, for the name of the loss. */
export function kindOf(wire: JsonObject): string {
  const known = Object.keys(wire).find((key) => !besideKeys.has(camelCase(key)))
  return camelCase(known ?? Object.keys(wire)[0] ?? 'part')
}

const besideKeys: ReadonlySet<string> = new Set([
  'thought',
  'thoughtSignature',
  'partMetadata',
  'videoMetadata',
  'mediaResolution',
])
