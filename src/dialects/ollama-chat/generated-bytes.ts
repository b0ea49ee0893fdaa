import type { Json } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { listIn } from '../shared/call-fields.ts'
import { jsonBytesOf, textBytesOf } from '../shared/text-bytes.ts'

/** Bytes of what was generated: text, thoughts, names and arguments of calls. */
export function generatedBytes(message: Json | undefined): number {
  if (!isJsonObject(message)) return 0
  let total = textBytesOf(message['content']) + textBytesOf(message['thinking'])
  for (const call of listIn(message, 'tool_calls')) {
    const called = isJsonObject(call) ? call['function'] : undefined
    if (!isJsonObject(called)) continue
    const { arguments: given } = called
    total += textBytesOf(called['name']) + (given === undefined ? 0 : jsonBytesOf(given))
  }
  return total
}
