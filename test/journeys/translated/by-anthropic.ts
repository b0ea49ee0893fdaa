import type Anthropic from '@anthropic-ai/sdk'
import type { Answered } from './reading.ts'

type Question = Omit<Anthropic.MessageCreateParamsNonStreaming, 'model'>

/** Asks through `@anthropic-ai/sdk`. */
export async function byAnthropic(
  client: Anthropic,
  model: string,
  question: Question,
  isStream: boolean,
): Promise<Answered> {
  const { answer, headers } = await (isStream
    ? stream(client, { ...question, model })
    : create(client, { ...question, model }))
  const { content, usage, stop_reason: reason } = answer
  return {
    headers,
    reading: {
      text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
      thoughts: content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join(''),
      toolCalls: content.flatMap((block) =>
        block.type === 'tool_use' ? [{ name: block.name, arguments: block.input }] : [],
      ),
      ending: endings[reason ?? ''] ?? 'end',
      inputTokens: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
      outputTokens: usage.output_tokens,
    },
  }
}

interface Heard {
  readonly answer: Anthropic.Message
  readonly headers: Headers
}

async function create(client: Anthropic, body: Anthropic.MessageCreateParamsNonStreaming): Promise<Heard> {
  const { data, response } = await client.messages.create(body).withResponse()
  return { answer: data, headers: response.headers }
}

async function stream(client: Anthropic, body: Anthropic.MessageCreateParamsNonStreaming): Promise<Heard> {
  const { data, response } = await client.messages.stream(body).withResponse()
  return { answer: await data.finalMessage(), headers: response.headers }
}

const endings: Readonly<Record<string, string>> = {
  end_turn: 'end',
  stop_sequence: 'end',
  pause_turn: 'end',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tools',
  refusal: 'filter',
}
