import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isJsonArray } from '../shared/call-fields.ts'
import { jsonBytesOf, textBytesOf } from '../shared/text-bytes.ts'

/**
 * Bytes of what the model generated in these blocks: text, thoughts, names and arguments of tools. A picture counts as 1. Results
 * are not its own.
 */
export function generatedBytes(content: Json | undefined): number {
  let total = 0
  if (isJsonArray(content)) for (const block of content) total += bytesOfBlock(block)
  return total
}

function bytesOfBlock(block: Json): number {
  if (!isJsonObject(block)) return 0
  const { toolUse, citationsContent, reasoningContent } = block
  let total = textBytesOf(block['text']) + (isJsonObject(block['image']) ? 1 : 0)
  if (isJsonObject(toolUse)) total += textBytesOf(toolUse['name']) + bytesOfArguments(toolUse['input'])
  if (isJsonObject(citationsContent)) total += generatedBytes(citationsContent['content'])
  if (isJsonObject(reasoningContent)) {
    const { reasoningText, redactedContent } = reasoningContent
    // Encrypted thoughts: about as long as what they hold.
    total += textBytesOf(redactedContent) + (isJsonObject(reasoningText) ? textBytesOf(reasoningText['text']) : 0)
  }
  return total
}

function bytesOfArguments(input: Json | undefined): number {
  return isJsonObject(input) && Object.keys(input).length > 0 ? jsonBytesOf(input) : 0
}

/** Of a block as it opens in a stream: a call has its name. */
export function bytesOfStart(start: Json | undefined): number {
  const toolUse = isJsonObject(start) ? start['toolUse'] : undefined
  return isJsonObject(toolUse) ? textBytesOf(toolUse['name']) : 0
}

/** Of one delta of a stream. Signatures, citations and results are not generated text. */
export function bytesOfDelta(delta: Json | undefined): number {
  if (!isJsonObject(delta)) return 0
  const { toolUse, reasoningContent, image } = delta
  const inner = (part: Json | undefined, ...keys: readonly (keyof JsonObject & string)[]) =>
    isJsonObject(part) ? keys.reduce((total, key) => total + textBytesOf(part[key]), 0) : 0
  return (
    textBytesOf(delta['text']) +
    inner(toolUse, 'input') +
    inner(reasoningContent, 'text', 'redactedContent') +
    (isJsonObject(image) ? 1 : 0)
  )
}
