import type { BlockOpening, BlockStart, Delta, OpenEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Usage } from '../../../canonical/usage.ts'
import type { AnswerSettings } from '../../translation.ts'
import { directCaller } from './callers.ts'
import { isOwn } from './own.ts'
import { messageUsage } from './usage-words.ts'

/** A message with every member that the SDK's type demands (`Message`, 1.12.0), as it stands before it says anything. */
export function emptyMessage(
  open: OpenEvent | undefined,
  settings: AnswerSettings,
  usage: Usage | undefined,
  serviceTier: string | undefined,
): JsonObject {
  return {
    id: open?.id ?? settings.requestId,
    type: 'message',
    role: 'assistant',
    model: open?.responseModel ?? settings.modelName,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage: messageUsage(usage, serviceTier),
  }
}

/** A block before anything is in it, or why it cannot be said. */
export function openingWords(start: BlockStart, requestId: string): JsonObject | string {
  const { content } = start
  switch (content.kind) {
    case 'text':
    case 'refusal':
    case 'audio':
      return { type: 'text', text: '' }
    case 'thought':
      return { type: 'thinking', thinking: '', signature: '' }
    case 'redacted-thought':
      return { type: 'redacted_thinking', data: content.data }
    case 'tool-use': {
      // Some providers leave ids out; a client needs one to hand a result back.
      const id = content.id === '' ? `toolu_${requestId}_${start.block}` : content.id
      return { type: 'tool_use', id, name: content.name, input: {}, caller: directCaller }
    }
    case 'image':
      return 'this dialect has no images in answers'
    case 'opaque':
      return isOwn(start) ? content.wire : `only its own dialect has a word for ${content.type}`
  }
}

/** Told as what it is nearly: why that is not exact. */
export function approximationOf(content: BlockOpening): string | undefined {
  if (content.kind === 'refusal') return 'a refusal is told as text'
  if (content.kind === 'tool-use' && content.signature !== undefined)
    return 'without its signature, which has no place here'
  return content.kind === 'audio' ? 'only the transcript of the speech is told' : undefined
}

/** A delta as the stream words it, or why it cannot be said. */
export function deltaWords(content: BlockOpening, delta: Delta, isOwnWording: boolean): JsonObject | string {
  switch (delta.kind) {
    case 'text':
      return content.kind === 'thought'
        ? { type: 'thinking_delta', thinking: delta.text }
        : { type: 'text_delta', text: delta.text }
    case 'arguments':
      return { type: 'input_json_delta', partial_json: delta.text }
    case 'signature':
      return content.kind === 'thought'
        ? { type: 'signature_delta', signature: delta.signature }
        : 'this dialect signs thoughts only'
    case 'citation':
      if (!isOwnWording) return 'a citation in the wording of another dialect'
      return { type: 'citations_delta', citation: delta.citation }
    case 'logprobs':
      return 'this dialect has no log probabilities'
    case 'audio':
      return 'this dialect has no sound'
    case 'opaque':
      return isOwnWording && isJsonObject(delta.wire) ? delta.wire : 'only its own dialect has a word for it'
  }
}
