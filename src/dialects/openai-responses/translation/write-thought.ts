import type { ThoughtBlock } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { originOf } from '../../../canonical/origin.ts'
import { markSignature } from '../../shared/translation/signed-elsewhere.ts'
import { isOwn, signatureFormat } from './own.ts'

/** A thought that a model of this dialect encrypted, for it to read again. */
export function isSignedHere(block: ThoughtBlock): boolean {
  return block.signatureFormat === signatureFormat && (block.signature ?? block.redactedData) !== undefined
}

/** An item of reasoning. A foreign thought has no id here, and recorded calls show that it needs none (2026-08). */
export function writeThought(block: ThoughtBlock): JsonObject {
  const { text } = block
  const isContent = isOwn(block) && originOf(block)?.heard['text'] === 'content'
  const encrypted = encryptedOf(block)
  return {
    type: 'reasoning',
    summary: text === '' || isContent ? [] : [{ type: 'summary_text', text }],
    ...(isContent && { content: [{ type: 'reasoning_text', text }] }),
    ...(encrypted !== undefined && { encrypted_content: encrypted }),
  }
}

function encryptedOf({ signature, redactedData, signatureFormat: format }: ThoughtBlock): string | undefined {
  const said = signature ?? redactedData
  if (said === undefined || format === signatureFormat) return said
  return markSignature({ format, signature: said })
}
