import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isJsonArray, listIn } from '../shared/call-fields.ts'
import { textBytesOf } from '../shared/text-bytes.ts'

/** Bytes of what was generated in all items of an answer: texts, thoughts, names and arguments of calls, code. */
export function generatedBytes(output: Json | undefined): number {
  let total = 0
  if (isJsonArray(output)) for (const item of output) if (isJsonObject(item)) total += bytesOfItem(item)
  return total
}

/** What was generated but is no text (a picture, a search) counts as 1. */
export function bytesOfItem(item: JsonObject): number {
  switch (item['type']) {
    case 'message':
      return bytesOfParts(listIn(item, 'content'))
    case 'reasoning':
      return bytesOfParts([...listIn(item, 'summary'), ...listIn(item, 'content')])
    default:
      return Math.max(
        1,
        keys.reduce((total, key) => total + textBytesOf(item[key]), 0),
      )
  }
}

/** What a model writes in an item that is neither message nor thought. */
const keys = ['name', 'arguments', 'input', 'code'] as const

function bytesOfParts(parts: readonly Json[]): number {
  let total = 0
  for (const part of parts) if (isJsonObject(part)) total += textBytesOf(part['text']) + textBytesOf(part['refusal'])
  return total
}
