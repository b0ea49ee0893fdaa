import type { Json } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isJsonArray } from '../shared/call-fields.ts'
import { jsonBytesOf, textBytesOf } from '../shared/text-bytes.ts'

/** Bytes of what the model generated in these blocks: text, thoughts, names and arguments of tools. Results are not its own. */
export function generatedBytes(content: Json | undefined): number {
  let total = 0
  if (isJsonArray(content)) for (const block of content) total += bytesOfBlock(block)
  return total
}

/** Also of a block as it opens in a stream: most open empty. */
export function bytesOfBlock(block: Json | undefined): number {
  if (!isJsonObject(block)) return 0
  const { input } = block
  const isArgued = isJsonObject(input) && Object.keys(input).length > 0
  return (
    textBytesOf(block['text']) +
    textBytesOf(block['thinking']) +
    textBytesOf(block['name']) +
    (isArgued ? jsonBytesOf(input) : 0) +
    // Redacted thoughts: ciphered, about as long as what they hold.
    (block['type'] === 'redacted_thinking' ? textBytesOf(block['data']) : 0)
  )
}

/** Of one delta of a stream. Signatures and citations are not generated text. */
export function bytesOfDelta(delta: Json | undefined): number {
  if (!isJsonObject(delta)) return 0
  return textBytesOf(delta['text']) + textBytesOf(delta['thinking']) + textBytesOf(delta['partial_json'])
}
