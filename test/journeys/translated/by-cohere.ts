import type { Cohere, CohereClientV2 } from 'cohere-ai'
import type { Answered, Reading } from './reading.ts'

type Question = Omit<Cohere.V2ChatRequest, 'model'>

/** Asks through `cohere-ai`. @returns `undefined` when the answer tells no usage. */
export async function byCohere(
  client: CohereClientV2,
  model: string,
  question: Question,
  isStream: boolean,
): Promise<Answered | undefined> {
  const { answer, headers } = await (isStream
    ? stream(client, { ...question, model })
    : chat(client, { ...question, model }))
  const { usage, text, thoughts, calls, reason } = answer
  if (usage === undefined) return undefined
  return {
    headers,
    reading: {
      text,
      thoughts,
      toolCalls: calls.map(({ name, argumentsText }) => ({ name, arguments: parsed(argumentsText) })),
      ending: endings[reason ?? ''] ?? 'end',
      inputTokens: usage.billedUnits?.inputTokens ?? usage.tokens?.inputTokens ?? 0,
      outputTokens: usage.billedUnits?.outputTokens ?? usage.tokens?.outputTokens ?? 0,
    } satisfies Reading,
  }
}

interface Heard {
  readonly answer: Draft
  readonly headers: Headers
}

/** What a program adds up of an answer. */
interface Draft {
  text: string
  thoughts: string
  readonly calls: { readonly name: string; argumentsText: string }[]
  reason: string | undefined
  usage: Cohere.Usage | undefined
}

async function chat(client: CohereClientV2, body: Cohere.V2ChatRequest): Promise<Heard> {
  const { data, rawResponse } = await client.chat(body).withRawResponse()
  const { message, finishReason, usage } = data
  const answer = draft()
  for (const part of message.content ?? []) {
    if (part.type === 'text') answer.text += part.text
    if (part.type === 'thinking') answer.thoughts += part.thinking
  }
  answer.text += message.toolPlan ?? ''
  for (const { function: called } of message.toolCalls ?? [])
    answer.calls.push({ name: called?.name ?? '', argumentsText: called?.arguments ?? '' })
  answer.reason = finishReason
  answer.usage = usage
  return { answer, headers: new Headers(Object.fromEntries(rawResponse.headers.entries())) }
}

async function stream(client: CohereClientV2, body: Cohere.V2ChatRequest): Promise<Heard> {
  const { data, rawResponse } = await client.chatStream(body).withRawResponse()
  const answer = draft()
  for await (const event of data) add(answer, event)
  return { answer, headers: new Headers(Object.fromEntries(rawResponse.headers.entries())) }
}

function add(answer: Draft, event: Cohere.V2ChatStreamResponse): void {
  switch (event.type) {
    case 'content-delta':
      answer.text += event.delta?.message?.content?.text ?? ''
      answer.thoughts += event.delta?.message?.content?.thinking ?? ''
      return
    case 'tool-plan-delta':
      answer.text += event.delta?.message?.toolPlan ?? ''
      return
    case 'tool-call-start':
      answer.calls.push({ name: event.delta?.message?.toolCalls?.function?.name ?? '', argumentsText: '' })
      return
    case 'tool-call-delta': {
      const call = answer.calls[event.index ?? 0]
      if (call) call.argumentsText += event.delta?.message?.toolCalls?.function?.arguments ?? ''
      return
    }
    case 'message-end':
      answer.reason = event.delta?.finishReason
      answer.usage = event.delta?.usage
      return
    default:
  }
}

function draft(): Draft {
  return { text: '', thoughts: '', calls: [], reason: undefined, usage: undefined }
}

const endings: Readonly<Record<string, string>> = {
  COMPLETE: 'end',
  STOP_SEQUENCE: 'end',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tools',
  // Of the API's first version; the SDK's types do not name it.
  ERROR_TOXIC: 'filter',
}

/** A tool that takes nothing is called with nothing, or with `null`. */
function parsed(text: string): unknown {
  return text === '' ? {} : (JSON.parse(text) ?? {})
}
