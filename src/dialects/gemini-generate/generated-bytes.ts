import type { Json } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isJsonArray } from '../shared/call-fields.ts'
import { jsonBytesOf, textBytesOf } from '../shared/text-bytes.ts'

/**
 * Bytes of what was generated in one candidate: text, thoughts, names and arguments of calls, code. What was generated but is no
 * text (a picture, a sound) counts as 1. Results are not the model's own.
 */
export function generatedBytes(candidate: Json | undefined): number {
  const content = isJsonObject(candidate) ? candidate['content'] : undefined
  const parts = isJsonObject(content) ? content['parts'] : undefined
  let total = 0
  if (isJsonArray(parts)) for (const part of parts) total += bytesOfPart(part)
  return total
}

function bytesOfPart(part: Json): number {
  if (!isJsonObject(part)) return 0
  const { functionCall, executableCode, inlineData, toolCall } = part
  let total = textBytesOf(part['text']) + bytesOfCall(functionCall)
  if (isJsonObject(executableCode)) total += textBytesOf(executableCode['code'])
  if (isJsonObject(toolCall)) total += Math.max(1, bytesOfArguments(toolCall['args']))
  if (isJsonObject(inlineData)) total += Math.min(1, textBytesOf(inlineData['data']))
  return total
}

function bytesOfCall(call: Json | undefined): number {
  if (!isJsonObject(call)) return 0
  const { name, args, partialArgs } = call
  let total = textBytesOf(name) + bytesOfArguments(args)
  if (isJsonArray(partialArgs))
    for (const piece of partialArgs) if (isJsonObject(piece)) total += textBytesOf(piece['stringValue'])
  return total
}

function bytesOfArguments(args: Json | undefined): number {
  return isJsonObject(args) && Object.keys(args).length > 0 ? jsonBytesOf(args) : 0
}
