import type { BlockDelta, BlockOpening, BlockStart } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { markSignature } from '../../shared/translation/signed-elsewhere.ts'
import { redactedBytes } from '../redacted.ts'
import { imageFormatOf } from './media-formats.ts'
import { isOwn } from './own.ts'

/** A block as a body holds it, before anything is in it, or why it cannot be said. */
export function openingWords(start: BlockStart, requestId: string): JsonObject | string {
  const { content } = start
  switch (content.kind) {
    case 'text':
    case 'refusal':
    case 'audio':
      return { text: '' }
    case 'thought':
      return { reasoningContent: { reasoningText: { text: '' } } }
    case 'redacted-thought':
      return { reasoningContent: { redactedContent: redactedBytes(content.data) } }
    case 'tool-use': {
      // Some providers leave ids out; a client needs one to hand a result back.
      const toolUseId = content.id === '' ? `tooluse_${requestId}_${start.block}` : content.id
      return { toolUse: { toolUseId, name: content.name, input: {} } }
    }
    case 'image':
      return pictureWords(content.url) ?? 'this dialect has pictures in answers as bytes only'
    case 'opaque':
      return isOwn(start) ? content.wire : `only its own dialect has a word for ${content.type}`
  }
}

function pictureWords(url: string): JsonObject | undefined {
  const [, mediaType = '', bytes] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? []
  const format = imageFormatOf(mediaType)
  return bytes === undefined || format === undefined ? undefined : { image: { format, source: { bytes } } }
}

/** Told as what it is nearly: why that is not exact. */
export function approximationOf(content: BlockOpening): string | undefined {
  if (content.kind === 'refusal') return 'a refusal is told as text'
  if (content.kind === 'tool-use' && content.signature !== undefined)
    return 'without its signature, which has no place here'
  return content.kind === 'audio' ? 'only the transcript of the speech is told' : undefined
}

/** A delta as the stream words it, or why it cannot be said. */
export function deltaWords({ content }: BlockStart, event: BlockDelta): JsonObject | string {
  const { delta } = event
  switch (delta.kind) {
    case 'text':
      return content.kind === 'thought' ? { reasoningContent: { text: delta.text } } : { text: delta.text }
    case 'arguments':
      return { toolUse: { input: delta.text } }
    case 'signature':
      return content.kind === 'thought'
        ? { reasoningContent: { signature: delta.signature } }
        : 'this dialect signs thoughts only'
    case 'citation':
      if (!isOwn(event) || !isJsonObject(delta.citation)) return 'a citation in the wording of another dialect'
      return { citation: delta.citation }
    case 'logprobs':
      return 'this dialect has no log probabilities'
    case 'audio':
      return 'this dialect has no sound'
    case 'opaque':
      return 'only its own dialect has a word for it'
  }
}

/**
 * Stands in place of a signature in thoughts that no model of Bedrock's had: a client hands them back, and they must be known then
 * (`foreign-thoughts.ts`). Models of Bedrock that sign nothing are left as they are.
 */
export function unsignedMark(start: BlockStart): string | undefined {
  return isOwn(start) ? undefined : markSignature({ format: 'unsigned', signature: '' })
}
