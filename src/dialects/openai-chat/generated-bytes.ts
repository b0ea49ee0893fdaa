import type { Json } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isJsonArray } from '../shared/call-fields.ts'
import { textBytesOf } from '../shared/text-bytes.ts'

/**
 * Bytes of what was generated in all choices: text, reasoning, refusals, names and arguments of tool calls, transcripts.
 * What was generated but is no text (a piece of audio) counts as 1.
 * @param member where a choice keeps it: `message` in a reply, `delta` in a chunk.
 */
export function generatedBytes(choices: Json | undefined, member: 'message' | 'delta'): number {
  let total = 0
  if (isJsonArray(choices))
    for (const choice of choices) if (isJsonObject(choice)) total += bytesOfPiece(choice[member])
  return total
}

function bytesOfPiece(piece: Json | undefined): number {
  if (!isJsonObject(piece)) return 0
  const { audio, images, function_call: functionCall, tool_calls: toolCalls } = piece
  // `reasoning_content` is DeepSeek's and xAI's name, `reasoning` Groq's and OpenRouter's, some send both.
  const reasoning = Math.max(textBytesOf(piece['reasoning_content']), textBytesOf(piece['reasoning']))
  let total =
    bytesOfContent(piece['content']) + textBytesOf(piece['refusal']) + reasoning + bytesOfFunction(functionCall)
  if (isJsonArray(toolCalls)) for (const toolCall of toolCalls) total += bytesOfToolCall(toolCall)
  if (isJsonObject(audio)) total += textBytesOf(audio['transcript']) || Math.min(1, textBytesOf(audio['data']))
  if (isJsonArray(images) && images.length > 0) total += 1
  return total
}

/** Text, or a list of parts: Mistral's thoughts are parts that hold parts. */
function bytesOfContent(content: Json | undefined): number {
  if (!isJsonArray(content)) return textBytesOf(content)
  let total = 0
  for (const part of content) {
    if (!isJsonObject(part)) continue
    total += textBytesOf(part['text'])
    const { thinking } = part
    for (const thought of isJsonArray(thinking) ? thinking : [])
      if (isJsonObject(thought)) total += textBytesOf(thought['text'])
  }
  return total
}

function bytesOfToolCall(toolCall: Json): number {
  if (!isJsonObject(toolCall)) return 0
  return bytesOfFunction(toolCall['function']) + bytesOfFunction(toolCall['custom'])
}

function bytesOfFunction(called: Json | undefined): number {
  if (!isJsonObject(called)) return 0
  return textBytesOf(called['name']) + textBytesOf(called['arguments']) + textBytesOf(called['input'])
}
