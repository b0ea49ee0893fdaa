import type { Json } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { listIn } from '../shared/call-fields.ts'
import { textBytesOf } from '../shared/text-bytes.ts'

/** Bytes of what the model generated: texts, thoughts, its plan, names and arguments of calls. Citations point at them. */
export function generatedBytes(message: Json | undefined): number {
  if (!isJsonObject(message)) return 0
  let total = textBytesOf(message['tool_plan']) + textBytesOf(message['content'])
  for (const part of [...listIn(message, 'content'), message['content']]) total += bytesOfPart(part)
  for (const call of [...listIn(message, 'tool_calls'), message['tool_calls']]) total += bytesOfCall(call)
  return total
}

/** In a body the parts and calls stand in lists, in a stream one by one. */
function bytesOfPart(part: Json | undefined): number {
  return isJsonObject(part) ? textBytesOf(part['text']) + textBytesOf(part['thinking']) : 0
}

function bytesOfCall(call: Json | undefined): number {
  const called = isJsonObject(call) ? call['function'] : undefined
  return isJsonObject(called) ? textBytesOf(called['name']) + textBytesOf(called['arguments']) : 0
}
