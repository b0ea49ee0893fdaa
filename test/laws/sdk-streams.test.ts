import { MessageStream } from '@anthropic-ai/sdk/lib/MessageStream'
import OpenAI from 'openai'
import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/canonical/json.ts'
import { exchangesOf, framesIn, type Frame } from '../../src/dialects/laws/exchanges.ts'
import type { Accumulated } from '../../src/dialects/laws/material.ts'
import { endsWell } from '../../src/dialects/laws/meanings.ts'
import { answerSettings, objectsOf, retell } from '../../src/dialects/laws/retell.ts'
import { corpusDir, reportMissingCorpus } from '../corpus.ts'
import { members, type Member } from './run-everything.ts'

/**
 * The provider's own SDKs read every recorded stream, as it came and as translated from the other dialect. The law that
 * a stream is what the SDK makes of it stands on an accumulator of ours: here it is held against the SDK itself.
 */
if (corpusDir === undefined) reportMissingCorpus('streams read by SDKs')

/** The SDKs of Google, Amazon, Cohere and Ollama add nothing up, nor does OpenAI's of its older completions: their journeys read every frame (`test/journeys`). */
const readFrameByFrame: ReadonlySet<string> = new Set([
  'gemini-generate',
  'bedrock-converse',
  'cohere-chat',
  'openai-completions',
  'ollama-chat',
])
const summed = members().filter(({ subject }) => !readFrameByFrame.has(subject.name))

describe.each(summed)('streams of $subject.name', (member) => {
  const { subject, material } = member
  const own = exchangesOf(subject, material).streams.filter(({ frames }) => endsWell(subject, frames))

  it('are accumulated as the SDK does it', async () => {
    const wrong: string[] = []
    const refused: string[] = []
    for (const { id, frames } of own) {
      if (id.startsWith('golden/')) continue
      const read = await readBySdk(member, frames).catch(
        (thrown: unknown) => `${thrown instanceof Error ? thrown.message : thrown}`,
      )
      if (typeof read === 'string') refused.push(`${id}: ${read}`)
      else if (!inParts.has(id) && textOf(material.accumulate(objectsOf(frames))) !== textOf(read)) wrong.push(id)
    }
    expect({ wrong, refused }).toEqual({
      wrong: [],
      refused: corpusDir === undefined ? [] : refusedBySdk.filter((line) => line.includes(materialApi(member))),
    })
  })

  it('are read by the other SDK once translated', async () => {
    const wrong: string[] = []
    for (const other of summed.filter((one) => one.subject.name !== subject.name))
      for (const { id, frames } of own) {
        const text = retell(subject.translation, other.subject.translation, frames, answerSettings())
        const told = framesIn(Buffer.from(text))
        const said = other.material.accumulate(objectsOf(told))
        const read = await readBySdk(other, told)
        if (textOf(said) !== textOf(read)) wrong.push(id)
      }
    expect(wrong).toEqual([])
  })
})

/**
 * Streams of providers that the SDK was not made for, and those that a client library made up: a message that begins twice, an
 * event of no known type, an answer that changes its id. An answer in the background is queued first, which the SDK's stream does
 * not expect.
 */
const refusedBySdk: readonly string[] = [
  'azure/chat/15a629c8785eb326: missing role for choice 0',
  'groq/chat/05507d3ea500cedf: missing finish_reason for choice 0',
  'mistral/chat/5467d53c74f6705d: Chat completion stream contains an invalid tool call index: undefined',
  'mistral/chat/c0d6bc177d82eb17: Chat completion stream contains an invalid tool call index: undefined',
  'anthropic/messages/a109bdc371442c57: Unexpected event order, got message_start before receiving "message_stop"',
  "openai/responses/26d228ca017287ea: When snapshot hasn't been set yet, expected 'response.created' event, got response.queued",
  'openai/responses/8ae2de52e120f75b: Unhandled response stream event: unknown',
  'openai/responses/d06ad70db0401f92: Lifecycle response identity changed.',
]

/** Mistral tells thoughts in lists of parts, which OpenAI's SDK adds up as if they were strings. */
const inParts: ReadonlySet<string> = new Set(
  ['85606ee09e05610c', 'c4e5728da831d7de', 'c7a05d708d9771ba'].map((id) => `mistral/chat/${id}`),
)

function materialApi({ material }: Member): string {
  return `/${material.apis.join()}/`
}

function readBySdk({ subject }: Member, frames: readonly Frame[]): Promise<readonly Accumulated[]> {
  switch (subject.name) {
    case 'openai-chat':
      return readChat(frames)
    case 'openai-responses':
      return readResponses(frames)
    case 'anthropic-messages':
      return readMessages(frames)
    default:
      throw new Error(`no SDK is known that adds up the streams of ${subject.name}`)
  }
}

async function readChat(frames: readonly Frame[]): Promise<readonly Accumulated[]> {
  const { choices } = await ChatCompletionStream.fromReadableStream(linesOf(frames)).finalChatCompletion()
  return choices.map(({ message }) => ({
    text: message.content ?? '',
    thoughts: '',
    toolCalls: (message.tool_calls ?? []).flatMap((call) =>
      call.type === 'function'
        ? [{ id: call.id, name: call.function.name, argumentsText: call.function.arguments }]
        : [],
    ),
  }))
}

/** This one of the SDK's streams takes an answer of HTTP only. */
async function readResponses(frames: readonly Frame[]): Promise<readonly Accumulated[]> {
  const text = frames.map(({ event, data }) => `event: ${event}\ndata: ${data}\n\n`).join('')
  const client = new OpenAI({
    apiKey: 'none',
    maxRetries: 0,
    fetch: async () => new Response(text, { headers: { 'content-type': 'text/event-stream' } }),
  })
  const { output } = await client.responses.stream({ model: 'm', input: 'x' }).finalResponse()
  return [
    {
      text: output
        .flatMap((item) => (item.type === 'message' ? item.content : []))
        .map((part) => (part.type === 'output_text' ? part.text : ''))
        .join(''),
      thoughts: '',
      toolCalls: output.flatMap((item) =>
        item.type === 'function_call' ? [{ id: item.call_id, name: item.name, argumentsText: item.arguments }] : [],
      ),
    },
  ]
}

async function readMessages(frames: readonly Frame[]): Promise<readonly Accumulated[]> {
  const { content } = await MessageStream.fromReadableStream(linesOf(frames)).finalMessage()
  return [
    {
      text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
      thoughts: '',
      toolCalls: content.flatMap((block) =>
        block.type === 'tool_use'
          ? [{ id: block.id, name: block.name, argumentsText: JSON.stringify(block.input) }]
          : [],
      ),
    },
  ]
}

function linesOf(frames: readonly Frame[]): ReadableStream {
  return new Blob(objectsOf(frames).map((value) => `${JSON.stringify(value)}\n`)).stream()
}

function textOf(choices: readonly Accumulated[]): string {
  const told = choices.map(({ text, toolCalls }) => ({
    text,
    toolCalls: toolCalls.map(({ id, name, argumentsText }) => ({ id, name, input: valueOfArguments(argumentsText) })),
  }))
  return JSON.stringify(told)
}

function valueOfArguments(text: string): Json {
  if (text === '') return {}
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch {
    // Arguments that a model broke off.
    return text
  }
}
