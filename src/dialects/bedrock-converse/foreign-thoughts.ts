import type { Json } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isJsonArray } from '../shared/call-fields.ts'
import { readMarkedSignature } from '../shared/translation/signed-elsewhere.ts'
import { redactedText } from './redacted.ts'

/**
 * Another dialect's thoughts are told to a client of this one with a mark in place of a signature, and the client hands them
 * back with its next call. Bedrock refuses a signature that none of its models made, so these blocks are left out.
 * @returns the messages without such thoughts; `undefined` when there are none.
 */
export function withoutForeignThoughts(messages: Json | undefined): readonly Json[] | undefined {
  if (!isJsonArray(messages) || !messages.some((message) => blocksOf(message).some(isForeign))) return undefined
  return messages.flatMap((message) => {
    if (!isJsonObject(message) || !blocksOf(message).some(isForeign)) return [message]
    const content = blocksOf(message).filter((block) => !isForeign(block))
    // A turn of nothing but such thoughts: an empty one would be refused.
    return content.length === 0 ? [] : [{ ...message, content }]
  })
}

function isForeign(block: Json): boolean {
  const reasoning = isJsonObject(block) ? block['reasoningContent'] : undefined
  if (!isJsonObject(reasoning)) return false
  const { reasoningText, redactedContent } = reasoning
  const signature = isJsonObject(reasoningText) ? reasoningText['signature'] : undefined
  return isMarked(signature) || (typeof redactedContent === 'string' && isMarked(redactedText(redactedContent)))
}

function isMarked(said: Json | undefined): boolean {
  return typeof said === 'string' && readMarkedSignature(said) !== undefined
}

function blocksOf(message: Json): readonly Json[] {
  const content = isJsonObject(message) && message['role'] === 'assistant' ? message['content'] : undefined
  return isJsonArray(content) ? content : []
}
