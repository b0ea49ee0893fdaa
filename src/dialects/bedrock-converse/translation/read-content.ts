import type { BlockOpening, Delta, ReplyEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { redactedText } from '../redacted.ts'
import { HeardBlock } from './heard-block.ts'
import { imageTypeOf } from './media-formats.ts'
import { kindOf } from './read-texts.ts'

/** One whole block of an answer as events. */
export function readContentBlock(wire: Json, block: number): readonly ReplyEvent[] {
  const { content, keys, deltas } = contentOf(wire)
  const heard = new HeardBlock({ content, wire, keys }, block, `output.message.content[${block}]`)
  return [heard.start(), ...deltas.map((delta) => heard.delta(delta)), heard.end()]
}

interface Content {
  readonly content: BlockOpening
  readonly keys: string
  readonly deltas: readonly Delta[]
}

function contentOf(wire: Json): Content {
  return (isJsonObject(wire) ? knownContent(wire) : undefined) ?? opaqueContent(wire)
}

function knownContent(wire: JsonObject): Content | undefined {
  const { text, toolUse, reasoningContent, citationsContent, image } = wire
  // Some tools tell the kind of a block beside it.
  const type = wire['type'] === 'text' ? ' type' : ''
  if (typeof text === 'string') return { content: { kind: 'text' }, keys: `text${type}`, deltas: textDeltas(text) }
  if (isJsonObject(toolUse)) return toolUseContent(toolUse)
  if (isJsonObject(reasoningContent)) return thoughtContent(reasoningContent)
  if (isJsonObject(citationsContent)) return citedContent(citationsContent)
  return isJsonObject(image) ? imageContent(image) : undefined
}

function textDeltas(text: string): readonly Delta[] {
  return text === '' ? [] : [{ kind: 'text', text }]
}

/** A call of a tool that Bedrock runs itself is kept whole. */
function toolUseContent(toolUse: JsonObject): Content | undefined {
  const opening = toolUseOpening(toolUse)
  const { input } = toolUse
  if (opening === undefined || !isJsonObject(input)) return undefined
  const keys = ['toolUseId', 'name', 'input', ...(toolUse['type'] === 'tool_use' ? ['type'] : [])]
  return {
    content: opening,
    keys: keys.map((key) => `toolUse.${key}`).join(' '),
    deltas: [{ kind: 'arguments', text: JSON.stringify(input) }],
  }
}

export function toolUseOpening({ toolUseId: id, name, type }: JsonObject): BlockOpening | undefined {
  if (typeof id !== 'string' || typeof name !== 'string' || type === 'server_tool_use') return undefined
  return { kind: 'tool-use', id, name, signature: undefined }
}

function thoughtContent({ reasoningText, redactedContent }: JsonObject): Content | undefined {
  if (typeof redactedContent === 'string') {
    const data = redactedText(redactedContent)
    const keys = 'reasoningContent.redactedContent'
    return data === undefined ? undefined : { content: { kind: 'redacted-thought', data }, keys, deltas: [] }
  }
  if (!isJsonObject(reasoningText) || typeof reasoningText['text'] !== 'string') return undefined
  const { text, signature } = reasoningText
  return {
    content: { kind: 'thought' },
    keys: 'reasoningContent.reasoningText.text reasoningContent.reasoningText.signature',
    deltas: [...textDeltas(text), ...(isSignature(signature) ? [{ kind: 'signature', signature } as const] : [])],
  }
}

export function isSignature(said: Json | undefined): said is string {
  return typeof said === 'string' && said !== ''
}

function citedContent({ content, citations }: JsonObject): Content | undefined {
  if (!isJsonArray(content)) return undefined
  const texts = content.map((one) => (isJsonObject(one) ? one['text'] : undefined))
  if (!texts.every((one) => typeof one === 'string')) return undefined
  return {
    content: { kind: 'text' },
    keys: 'citationsContent.content citationsContent.citations',
    deltas: [
      ...textDeltas(texts.join('')),
      ...(isJsonArray(citations) ? citations : []).map((citation): Delta => ({ kind: 'citation', citation })),
    ],
  }
}

function imageContent({ format, source }: JsonObject): Content | undefined {
  const url = pictureUrl(format, source)
  const keys = 'image.source.bytes image.format'
  return url === undefined ? undefined : { content: { kind: 'image', url }, keys, deltas: [] }
}

export function pictureUrl(format: Json | undefined, source: Json | undefined): string | undefined {
  const bytes = isJsonObject(source) ? source['bytes'] : undefined
  const mediaType = typeof format === 'string' ? imageTypeOf(format) : undefined
  return typeof bytes === 'string' && mediaType !== undefined ? `data:${mediaType};base64,${bytes}` : undefined
}

function opaqueContent(wire: Json): Content {
  const block = isJsonObject(wire) ? wire : { value: wire }
  return { content: { kind: 'opaque', type: kindOf(block), wire: block }, keys: '', deltas: [] }
}
