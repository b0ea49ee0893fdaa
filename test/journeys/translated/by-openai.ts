import type OpenAI from 'openai'
import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream'
import { isRecord } from '../sdk/told.ts'
import type { Answered } from './reading.ts'

type Question = Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, 'model'>

/**
 * Asks through the openai SDK.
 * @param untold what its tokens are taken for where it tells no usage. Absent: such an answer is none.
 * @returns `undefined` when the SDK reads no answer out of it.
 */
export async function byOpenAi(
  client: OpenAI,
  model: string,
  question: Question,
  isStream: boolean,
  untold?: number,
): Promise<Answered | undefined> {
  const { answer, thoughts, headers } = await (isStream
    ? stream(client, { ...question, model })
    : create(client, { ...question, model }))
  const [choice] = answer.choices
  const usage = answer.usage ?? usageOf(untold)
  if (!choice || !usage) return undefined
  const { message, finish_reason: reason } = choice
  return {
    headers,
    reading: {
      // A refusal and a transcript are text to a client whose dialect has no word of its own for them.
      text: partsOf(message.content, 'text') || (message.refusal ?? message.audio?.transcript ?? ''),
      thoughts,
      toolCalls: functionCalls(message).map(({ name, arguments: text }) => ({ name, arguments: parsed(text) })),
      ending: endings[reason] ?? 'end',
      inputTokens: usage.prompt_tokens,
      // xAI and Gemini's compatible API count reasoning outside `completion_tokens`; the total tells.
      outputTokens: Math.max(usage.completion_tokens, usage.total_tokens - usage.prompt_tokens),
    },
  }
}

function usageOf(tokens: number | undefined): OpenAI.CompletionUsage | undefined {
  return tokens === undefined
    ? undefined
    : { prompt_tokens: tokens, completion_tokens: tokens, total_tokens: 2 * tokens }
}

interface Heard {
  readonly answer: OpenAI.ChatCompletion
  readonly thoughts: string
  readonly headers: Headers
}

async function create(client: OpenAI, body: OpenAI.ChatCompletionCreateParamsNonStreaming): Promise<Heard> {
  const { data, response } = await client.chat.completions.create(body).withResponse()
  const [choice] = data.choices
  return { answer: data, thoughts: choice ? thoughtsIn(choice.message) : '', headers: response.headers }
}

async function stream(client: OpenAI, body: OpenAI.ChatCompletionCreateParamsNonStreaming): Promise<Heard> {
  const { data, response } = await client.chat.completions
    .create({ ...body, stream: true, stream_options: { include_usage: true } })
    .withResponse()
  const [chunks, copy] = data.tee()
  const whole = ChatCompletionStream.fromReadableStream(copy.toReadableStream()).finalChatCompletion()
  let thoughts = ''
  // The SDK's own accumulation keeps the last piece only of members that it does not know.
  const listened = (async () => {
    for await (const { choices } of chunks)
      for (const { index, delta } of choices) if (index === 0) thoughts += thoughtsIn(delta)
  })()
  const [answer] = await Promise.all([whole, listened])
  return { answer, thoughts, headers: response.headers }
}

const endings: Readonly<Record<string, string>> = {
  stop: 'end',
  length: 'length',
  tool_calls: 'tools',
  function_call: 'tools',
  content_filter: 'filter',
}

/** In the members where providers put them; `reasoning_details` says them again, or alone. */
function thoughtsIn(message: object): string {
  const { reasoning_content: content, reasoning, content: said, reasoning_details: details }: Thinking = message
  const [told] = [content, reasoning].filter((text) => typeof text === 'string' && text !== '')
  if (typeof told === 'string') return told
  const listed = Array.isArray(details) ? details : []
  return listed.map((one) => textIn(one, 'text') || textIn(one, 'summary')).join('') || partsOf(said, 'thinking')
}

interface Thinking {
  readonly reasoning_content?: unknown
  readonly reasoning?: unknown
  readonly reasoning_details?: unknown
  readonly content?: unknown
}

interface FunctionCall {
  readonly name: string
  readonly arguments: string
}

/** Mistral streams calls without their `type`; `function_call` is what OpenAI had before `tool_calls`. */
function functionCalls(message: OpenAI.ChatCompletionMessage): readonly FunctionCall[] {
  const calls = (message.tool_calls ?? []).flatMap((call) => ('function' in call ? [call.function] : []))
  return message.function_call ? [...calls, message.function_call] : calls
}

/** Mistral's reasoning models give parts where OpenAI gives a string, and parts within those that think. */
function partsOf(content: unknown, type: 'text' | 'thinking'): string {
  if (!Array.isArray(content)) return typeof content === 'string' && type === 'text' ? content : ''
  return content
    .map((part: unknown) => {
      if (!isRecord(part) || part['type'] !== type) return ''
      return type === 'text' ? textIn(part, 'text') : partsOf(part['thinking'], 'text')
    })
    .join('')
}

function textIn(holder: unknown, key: string): string {
  const text = isRecord(holder) ? holder[key] : undefined
  return typeof text === 'string' ? text : ''
}

function parsed(text: string): unknown {
  return text === '' ? {} : JSON.parse(text)
}
