import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerBytes, corpusDir, recordings, reportMissingCorpus, type Recording } from '../corpus.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { randomCuts, seededRandom, startReplay, type ReplayUpstream } from '../replay-upstream.ts'
import exceptions from './translation.exceptions.json' with { type: 'json' }

/**
 * Each real SDK reaches the other provider's recorded answers and reads the same text, tool calls, kind of ending and usage
 * as that provider's own SDK does when it talks to the replay directly.
 */
interface Reading {
  readonly text: string
  readonly toolCalls: readonly { readonly name: string; readonly arguments: unknown }[]
  readonly ending: string
  readonly inputTokens: number
  readonly outputTokens: number
}

let upstream: ReplayUpstream
let weir: RunningGateway
let throughOpenAi: OpenAI
let throughAnthropic: Anthropic
let directOpenAi: OpenAI
let directAnthropic: Anthropic

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    env: { KEY: 'upstream-key-1' },
    config: `
providers:
  chat: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY } }
  messages: { kind: anthropic, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }
models:
  chat: { targets: [{ provider: chat, model: chat }] }
  messages: { targets: [{ provider: messages, model: messages }] }
`,
  })
  const settings = { apiKey: weir.key, maxRetries: 0 }
  throughOpenAi = new OpenAI({ ...settings, baseURL: `${weir.gateway.dataOrigin}/v1` })
  throughAnthropic = new Anthropic({ ...settings, baseURL: weir.gateway.dataOrigin })
  directOpenAi = new OpenAI({ ...settings, baseURL: `${upstream.origin}/v1` })
  directAnthropic = new Anthropic({ ...settings, baseURL: upstream.origin })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

const answered = (api: string) =>
  recordings(api).filter(({ response }) => response.status === 200 && response.encoding === 'utf8')

describe('the other provider’s recorded answers', () => {
  it('are read by the openai SDK as @anthropic-ai/sdk reads them', async () => {
    await compareAll('messages', async (recording) => [
      await read(recording, () => byAnthropic(directAnthropic, 'messages', recording.streaming)),
      await read(recording, () => byOpenAi(throughOpenAi, 'messages', recording.streaming)),
    ])
  })

  it('are read by @anthropic-ai/sdk as the openai SDK reads them', async () => {
    await compareAll('chat', async (recording) => [
      await read(recording, () => byOpenAi(directOpenAi, 'chat', recording.streaming)),
      await read(recording, () => byAnthropic(throughAnthropic, 'chat', recording.streaming)),
    ])
  })
})

async function compareAll(
  api: 'messages' | 'chat',
  readBoth: (recording: Recording) => Promise<readonly [Reading | undefined, Reading | undefined]>,
): Promise<void> {
  if (corpusDir === undefined) return reportMissingCorpus(`translated answers of ${api}`)
  const listed: Readonly<Record<string, string>> = exceptions[api]
  const counts = { unary: 0, streams: 0, unreadable: 0 }
  const failures: string[] = []
  const passed: string[] = []
  for (const recording of answered(api)) {
    const [own, other] = await readBoth(recording)
    // What the provider's own SDK cannot read (a page of HTML, a bare JSON body) says nothing of the translation.
    if (!own) {
      counts.unreadable += 1
      continue
    }
    counts[recording.streaming ? 'streams' : 'unary'] += 1
    try {
      expect(other).toEqual(own)
      passed.push(recording.id)
    } catch (thrown) {
      if (!(recording.id in listed))
        failures.push(
          `${recording.provider} ${recording.id}: ${JSON.stringify(own)} became ${JSON.stringify(other)} ${String(thrown).slice(0, 40)}`,
        )
    }
  }
  console.log(`translated answers of ${api}: ${JSON.stringify({ ...counts, exceptions: Object.keys(listed).length })}`)
  expect(failures).toEqual([])
  expect(Object.keys(listed).filter((id) => passed.includes(id))).toEqual([])
}

async function read(recording: Recording, then: () => Promise<Reading | undefined>): Promise<Reading | undefined> {
  const body = answerBytes(recording)
  const random = seededRandom(Number.parseInt(recording.id.slice(0, 7), 16))
  upstream.answer({
    status: 200,
    headers: { 'content-type': recording.streaming ? 'text/event-stream' : 'application/json' },
    body,
    cuts: randomCuts(body.length, 5, random),
  })
  return then().catch(() => undefined)
}

async function byOpenAi(client: OpenAI, model: string, stream: boolean): Promise<Reading | undefined> {
  const question = { model, messages: [{ role: 'user' as const, content: 'hello' }] }
  const answer = stream
    ? await client.chat.completions
        .stream({ ...question, stream_options: { include_usage: true } })
        .finalChatCompletion()
    : await client.chat.completions.create(question)
  const [choice] = answer.choices
  if (!choice || !answer.usage) return undefined
  return {
    // A refusal and a transcript are text to a client whose dialect has no word of its own for them.
    text: textOf(choice.message.content) || (choice.message.refusal ?? choice.message.audio?.transcript ?? ''),
    toolCalls: functionCalls(choice.message).map(({ name, arguments: text }) => ({ name, arguments: parsed(text) })),
    ending:
      { stop: 'end', length: 'length', tool_calls: 'tools', function_call: 'tools', content_filter: 'filter' }[
        choice.finish_reason
      ] ?? 'end',
    inputTokens: answer.usage.prompt_tokens,
    // xAI and Gemini's compatible API count reasoning outside `completion_tokens`; the total tells.
    outputTokens: Math.max(answer.usage.completion_tokens, answer.usage.total_tokens - answer.usage.prompt_tokens),
  }
}

async function byAnthropic(client: Anthropic, model: string, stream: boolean): Promise<Reading | undefined> {
  const question = { model, max_tokens: 100, messages: [{ role: 'user' as const, content: 'hello' }] }
  const answer = stream ? await client.messages.stream(question).finalMessage() : await client.messages.create(question)
  const endings: Readonly<Record<string, string>> = {
    end_turn: 'end',
    stop_sequence: 'end',
    pause_turn: 'end',
    max_tokens: 'length',
    model_context_window_exceeded: 'length',
    tool_use: 'tools',
    refusal: 'filter',
  }
  const { usage } = answer
  return {
    text: answer.content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    toolCalls: answer.content.flatMap((block) =>
      block.type === 'tool_use' ? [{ name: block.name, arguments: block.input }] : [],
    ),
    ending: endings[answer.stop_reason ?? ''] ?? 'end',
    inputTokens: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
    outputTokens: usage.output_tokens,
  }
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

/** Mistral's reasoning models give parts where OpenAI gives a string. */
function textOf(content: unknown): string {
  if (!Array.isArray(content)) return typeof content === 'string' ? content : ''
  return content
    .map((part: { type?: string; text?: string }) => (part.type === 'text' ? (part.text ?? '') : ''))
    .join('')
}

function parsed(text: string): unknown {
  return text === '' ? {} : JSON.parse(text)
}
