import type { Json } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isJsonArray } from '../shared/call-fields.ts'
import { textBytesOf } from '../shared/text-bytes.ts'

/** Bytes of the texts of all choices. An echoed prompt is among them. */
export function generatedBytes(choices: Json | undefined): number {
  let total = 0
  for (const choice of isJsonArray(choices) ? choices : [])
    if (isJsonObject(choice)) total += textBytesOf(choice['text'])
  return total
}
