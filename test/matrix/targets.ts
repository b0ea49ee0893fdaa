import type { JsonObject } from '../../src/canonical/json.ts'
import { materials } from '../../src/dialects/laws/material/all.ts'
import { contentTypeOf, framed } from '../../src/wire/framing.ts'
import type { Reading } from '../journeys/translated/reading.ts'
import { coherePublished } from '../laws/cohere-schema.ts'
import { conversePublished } from '../laws/converse-schema.ts'
import { ollamaPublished } from '../laws/ollama-schema.ts'
import {
  chatPublished,
  completionsPublished,
  generatePublished,
  messagesPublished,
  responsesPublished,
  type Objections,
} from '../laws/published-schemas.ts'

/** One provider for each dialect of chats, which is spoken to in that one only. Every path is below `ORIGIN`. */
export const targets = {
  'openai-chat': { provider: '{ kind: openai, dialects: [openai-chat], baseUrl: "ORIGIN/v1" }', model: 'gpt-5.2' },
  'anthropic-messages': { provider: '{ kind: anthropic, baseUrl: "ORIGIN" }', model: 'claude-sonnet-4-6' },
  'gemini-generate': { provider: '{ kind: gemini, baseUrl: "ORIGIN" }', model: 'gemini-2.5-flash' },
  'bedrock-converse': {
    provider: '{ kind: bedrock, region: us-east-1, dialects: [bedrock-converse], baseUrl: "ORIGIN" }',
    model: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  },
  'cohere-chat': { provider: '{ kind: cohere, baseUrl: "ORIGIN" }', model: 'command-a-03-2025' },
  'ollama-chat': { provider: '{ kind: ollama, dialects: [ollama-chat], baseUrl: "ORIGIN" }', model: 'qwen3:8b' },
  'openai-completions': {
    provider: '{ kind: openai, dialects: [openai-completions], baseUrl: "ORIGIN/v1" }',
    model: 'gpt-3.5-turbo-instruct',
  },
  // The last: what it answers is kept there, and a call that builds on that goes nowhere else from then on.
  'openai-responses': {
    provider: '{ kind: openai, dialects: [openai-responses], baseUrl: "ORIGIN/v1" }',
    model: 'gpt-5.2',
  },
} as const satisfies Readonly<Record<string, { readonly provider: string; readonly model: string }>>
export type TargetDialect = keyof typeof targets
export const targetDialects = Object.keys(targets) as readonly TargetDialect[]

/** A catalog in which each target is a model of its own, named after its dialect. */
export function configOf(origin: string): string {
  const providers = targetDialects.map((name) => {
    const said = targets[name].provider.replace('ORIGIN', origin)
    return `  ${name}: ${said.replace(/ }$/, ', credentials: { apiKey: env:KEY } }')}`
  })
  const models = targetDialects.map(
    (name) =>
      `  ${name}: { targets: [{ provider: ${name}, model: "${targets[name].model}" }], retry: { maxAttempts: 1 } }`,
  )
  return ['providers:', ...providers, 'models:', ...models].join('\n')
}

/** What each target's API has against a body, as published; `undefined` where the description is not there. */
export function objectionsOf(): Readonly<Record<TargetDialect, Objections | undefined>> {
  return {
    'openai-chat': chatPublished()?.call,
    'anthropic-messages': messagesPublished().call,
    'openai-responses': responsesPublished()?.call,
    'gemini-generate': generatePublished()?.call,
    'bedrock-converse': conversePublished()?.call,
    'cohere-chat': coherePublished().call,
    'ollama-chat': ollamaPublished().call,
    'openai-completions': completionsPublished()?.call,
  }
}

export interface Answered {
  readonly contentType: string
  readonly body: Buffer
}

/** What is answered to a case that was not recorded at the target: `Hello.`, framed as that dialect frames it. */
export function plainAnswer(name: TargetDialect, isStream: boolean): Answered {
  const { answer, stream } = plainOf(name)
  if (!isStream) return { contentType: 'application/json', body: Buffer.from(JSON.stringify(answer)) }
  const framing = name === 'ollama-chat' ? 'ndjson' : name === 'bedrock-converse' ? 'aws-event-stream' : 'sse'
  return { contentType: contentTypeOf(framing), body: framed(stream, framing) }
}

/** What it says, for dialects whose own SDK is not asked. */
export const plainReadings: Readonly<Partial<Record<TargetDialect, Reading>>> = {
  'cohere-chat': hello(12, 7),
  'ollama-chat': hello(26, 14),
  'openai-completions': hello(5, 3),
}

function hello(inputTokens: number, outputTokens: number): Reading {
  return { text: 'Hello.', thoughts: '', toolCalls: [], ending: 'end', inputTokens, outputTokens }
}

function plainOf(name: TargetDialect): { readonly answer: JsonObject; readonly stream: string } {
  const plain = materials[name].golden.find((one) => one.name === 'plain-text' || one.name === 'one-prompt')
  if (!plain?.answer || plain.stream === undefined) throw new Error(`there is no plain answer in ${name}`)
  return { answer: plain.answer, stream: plain.stream }
}
