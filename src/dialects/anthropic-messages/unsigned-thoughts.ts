import type { Json } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isJsonArray } from '../shared/call-fields.ts'
import { readMarkedSignature } from '../shared/translation/signed-elsewhere.ts'

/**
 * The signature of thoughts that nobody signed. Another provider's thoughts are told to a client of this dialect as
 * `thinking` blocks, whose signature its SDK demands, and the client hands them back with its next call. Anthropic refuses
 * a signature that is not its own, an empty one too, so these blocks must be known again and left out.
 */
export const unsignedMark = 'weir-unsigned'

/** @returns the messages without such thoughts; `undefined` when there are none. */
export function withoutUnsignedThoughts(messages: Json | undefined): readonly Json[] | undefined {
  if (!isJsonArray(messages) || !messages.some(holdsUnsigned)) return undefined
  return messages.flatMap((message) => {
    if (!holdsUnsigned(message) || !isJsonObject(message)) return [message]
    const content = blocksOf(message).filter((block) => !isUnsigned(block))
    // A turn of nothing but such thoughts: an empty one would be refused.
    return content.length === 0 ? [] : [{ ...message, content }]
  })
}

function holdsUnsigned(message: Json): boolean {
  return blocksOf(message).some(isUnsigned)
}

function isUnsigned(block: Json): boolean {
  if (!isJsonObject(block)) return false
  const { type, signature, data } = block
  if (type === 'redacted_thinking') return typeof data === 'string' && readMarkedSignature(data) !== undefined
  if (type !== 'thinking' || typeof signature !== 'string') return false
  // What another dialect's model signed is unsigned here.
  return signature === unsignedMark || readMarkedSignature(signature) !== undefined
}

function blocksOf(message: Json): readonly Json[] {
  const content = isJsonObject(message) && message['role'] === 'assistant' ? message['content'] : undefined
  return isJsonArray(content) ? content : []
}
