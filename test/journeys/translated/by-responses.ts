import type OpenAI from 'openai'
import { isRecord } from '../sdk/told.ts'
import type { Reading } from './reading.ts'

/**
 * Asks through the openai SDK over Responses.
 * @param untold what its tokens are taken for where it tells no usage. Absent: such an answer is none.
 * @returns `undefined` when it reads no answer.
 */
export async function byResponses(
  client: OpenAI,
  model: string,
  isStream: boolean,
  untold?: number,
): Promise<Reading | undefined> {
  const asked = { model, input: 'hello', store: false }
  const response = isStream
    ? await client.responses.stream(asked).finalResponse()
    : await client.responses.create(asked)
  const { output, usage, incomplete_details: details } = response
  const [inputTokens, outputTokens] = [usage?.input_tokens ?? untold, usage?.output_tokens ?? untold]
  if (inputTokens === undefined || outputTokens === undefined) return undefined
  return {
    text: output.map((item) => (item.type === 'message' ? item.content.map(saidIn).join('') : '')).join(''),
    thoughts: output.map((item) => (item.type === 'reasoning' ? thoughtIn(item) : '')).join(''),
    toolCalls: output.flatMap((item) =>
      item.type === 'function_call' ? [{ name: item.name, arguments: parsed(item.arguments) }] : [],
    ),
    ending: endings[details?.reason ?? ''] ?? 'end',
    inputTokens,
    outputTokens,
  }
}

const endings: Readonly<Record<string, string>> = { max_output_tokens: 'length', content_filter: 'filter' }

function saidIn(part: OpenAI.Responses.ResponseOutputMessage['content'][number]): string {
  return part.type === 'output_text' ? part.text : part.refusal
}

function thoughtIn({ summary, content }: OpenAI.Responses.ResponseReasoningItem): string {
  return [...summary, ...(content ?? [])].map((part) => (isRecord(part) ? String(part['text'] ?? '') : '')).join('')
}

function parsed(text: string): unknown {
  return text === '' ? {} : JSON.parse(text)
}
