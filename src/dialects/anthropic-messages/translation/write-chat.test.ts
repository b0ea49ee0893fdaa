import { describe, expect, it } from 'vitest'
import type { ChatCall, OutputFormat, ToolChoice } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { said, text, toldIn, toolResult, toolUse, turns } from '../../laws/foreign-words.ts'
import { translation } from './index.ts'

/** What a call of another dialect becomes (beside `model` and `max_tokens`), and the losses, `~` where approximated. */
interface Case {
  readonly name: string
  readonly call: Partial<ChatCall>
  readonly body: JsonObject
  readonly losses?: readonly string[]
}

const hello = turns(['user', text('hello')])
const helloBody = [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }]
const f = said(
  {
    kind: 'function',
    name: 'f',
    description: undefined,
    schema: undefined,
    isStrict: undefined,
    cache: undefined,
  } as const,
  'tools[0]',
)
const bounded = { type: 'object', properties: { age: { type: 'integer', minimum: 0 } } }
const fitted = {
  type: 'object',
  properties: { age: { type: 'integer', description: '{"minimum":0}' } },
  additionalProperties: false,
}
const fBody = { name: 'f', input_schema: { type: 'object', properties: {} } }
const reasoning = (words: Partial<NonNullable<ChatCall['reasoning']>>) =>
  said({ mode: undefined, effort: undefined, budgetTokens: undefined, display: undefined, ...words }, 'reasoning')

const cases: readonly Case[] = [
  {
    name: 'tools with all that is said of them; built-in ones are lost',
    call: {
      messages: hello,
      tools: [
        said(
          {
            ...f,
            description: 'd',
            schema: { properties: { a: { type: 'string' } }, $defs: {} },
            isStrict: true,
            cache: { ttl: undefined },
          },
          'tools[0]',
        ),
        said({ kind: 'opaque', type: 'web_search' }, 'tools[1]'),
      ],
      toolChoice: said<ToolChoice>({ kind: 'any' }, 'toolChoice'),
      mayCallToolsInParallel: false,
    },
    body: {
      messages: helloBody,
      tools: [
        {
          name: 'f',
          description: 'd',
          input_schema: {
            type: 'object',
            properties: { a: { type: 'string' } },
            $defs: {},
            additionalProperties: false,
          },
          strict: true,
          cache_control: { type: 'ephemeral' },
        },
      ],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    },
    losses: ['~tools[0].schema', 'tools[1]'],
  },
  {
    name: 'only a tool whose schema is enforced has it fitted, and one that cannot be is not enforced',
    call: {
      messages: hello,
      tools: [
        said({ ...f, schema: bounded, isStrict: true }, 'tools[0]'),
        said({ ...f, schema: bounded, isStrict: false }, 'tools[1]'),
        said({ ...f, schema: { type: 'object' }, isStrict: true }, 'tools[2]'),
        said({ ...f, isStrict: true }, 'tools[3]'),
      ],
    },
    body: {
      messages: helloBody,
      tools: [
        { name: 'f', input_schema: fitted, strict: true },
        { name: 'f', input_schema: bounded, strict: false },
        { name: 'f', input_schema: { type: 'object' } },
        { name: 'f', input_schema: { type: 'object', properties: {}, additionalProperties: false }, strict: true },
      ],
    },
    losses: ['~tools[0].schema', 'tools[2].isStrict'],
  },
  {
    name: 'parallel calls are said in a choice of their own where there is none',
    call: { messages: hello, tools: [f], mayCallToolsInParallel: true },
    body: { messages: helloBody, tools: [fBody], tool_choice: { type: 'auto', disable_parallel_tool_use: false } },
  },
  {
    name: 'a choice of a tool that is not told is lost, and so is any choice without tools',
    call: { messages: hello, tools: [f], toolChoice: said<ToolChoice>({ kind: 'named', name: 'g' }, 'toolChoice') },
    body: { messages: helloBody, tools: [fBody] },
    losses: ['toolChoice'],
  },
  {
    name: 'no tools, no choice',
    call: {
      messages: hello,
      toolChoice: said<ToolChoice>({ kind: 'any' }, 'toolChoice'),
      mayCallToolsInParallel: true,
    },
    body: { messages: helloBody },
    losses: ['toolChoice', 'mayCallToolsInParallel'],
  },
  {
    name: 'what Anthropic has no word for is lost by name, what asks for nothing is not',
    call: {
      messages: hello,
      seed: 7,
      minP: 0,
      presencePenalty: 0,
      frequencyPenalty: 0.5,
      logitBias: { '1': 2 },
      choiceCount: 2,
      logprobs: said({ isWanted: true, topCount: 3 }, 'logprobs'),
      verbosity: 'low',
      metadata: { a: 'b' },
      serviceTier: 'flex',
    },
    body: { messages: helloBody },
    losses: [
      'seed',
      'frequencyPenalty',
      'logitBias',
      'choiceCount',
      'logprobs',
      'verbosity',
      'metadata',
      'serviceTier',
      'logprobs.isWanted',
      'logprobs.topCount',
    ],
  },
  {
    name: 'what has the same word here',
    call: {
      messages: hello,
      isStream: true,
      outputCapTokens: 99,
      topK: 5,
      temperature: 0.3,
      stopSequences: ['END', '\n'],
      endUser: 'u',
      serviceTier: 'default',
      cache: { ttl: '1h' },
      wantsStreamUsage: true,
      choiceCount: 1,
    },
    body: {
      messages: helloBody,
      max_tokens: 99,
      temperature: 0.3,
      top_k: 5,
      stop_sequences: ['END'],
      metadata: { user_id: 'u' },
      service_tier: 'standard_only',
      cache_control: { type: 'ephemeral', ttl: '1h' },
      stream: true,
    },
    losses: ['~stopSequences'],
  },
  {
    name: 'a temperature is clamped, and goes before top_p',
    call: { messages: hello, temperature: 1.7, topP: 0.9 },
    body: { messages: helloBody, temperature: 1 },
    losses: ['topP', '~temperature'],
  },
  {
    name: 'a temperature of 1 makes room for top_p',
    call: { messages: hello, temperature: 1, topP: 0.9 },
    body: { messages: helloBody, top_p: 0.9 },
  },
  {
    name: 'models from Claude Opus 4.7 take no sampling, no budget and every effort',
    call: {
      messages: hello,
      modelName: 'claude-opus-4-7',
      temperature: 0,
      topP: 1,
      reasoning: reasoning({ mode: 'on', budgetTokens: 2000, effort: 'xhigh' }),
    },
    body: {
      model: 'claude-opus-4-7',
      messages: helloBody,
      thinking: { type: 'adaptive' },
      output_config: { effort: 'xhigh' },
    },
    losses: ['~reasoning.budgetTokens', 'temperature'],
  },
  {
    name: 'models that always think cannot be kept from it, nor forced to use a tool',
    call: {
      messages: hello,
      modelName: 'anthropic.claude-sonnet-5-5',
      tools: [f],
      toolChoice: said<ToolChoice>({ kind: 'any' }, 'toolChoice'),
      reasoning: reasoning({ effort: 'none' }),
    },
    body: { model: 'anthropic.claude-sonnet-5-5', messages: helloBody, tools: [fBody], tool_choice: { type: 'auto' } },
    losses: ['reasoning.effort', '~toolChoice'],
  },
  {
    name: 'an effort becomes a budget where the model takes that',
    call: {
      messages: hello,
      modelName: 'claude-sonnet-4-5@20250929',
      outputCapTokens: 10_000,
      reasoning: reasoning({ effort: 'high' }),
    },
    body: {
      model: 'claude-sonnet-4-5@20250929',
      messages: helloBody,
      max_tokens: 10_000,
      thinking: { type: 'enabled', budget_tokens: 8000 },
    },
    losses: ['~reasoning.effort'],
  },
  {
    name: 'old models neither think nor follow a schema',
    call: {
      messages: hello,
      modelName: 'claude-3-5-haiku-20241022',
      reasoning: reasoning({ effort: 'low' }),
      outputFormat: said<OutputFormat>(
        { kind: 'json-schema', name: 'n', description: undefined, schema: {}, isStrict: true },
        'outputFormat',
      ),
    },
    body: { model: 'claude-3-5-haiku-20241022', messages: helloBody },
    losses: ['reasoning.effort', 'outputFormat'],
  },
  {
    name: 'a budget stays below the output cap, and sampling gives way to thinking',
    call: {
      messages: hello,
      outputCapTokens: 2000,
      temperature: 0.2,
      topK: 5,
      topP: 0.5,
      reasoning: reasoning({ mode: 'on', budgetTokens: 5000, display: 'omitted' }),
    },
    body: {
      messages: helloBody,
      max_tokens: 2000,
      thinking: { type: 'enabled', budget_tokens: 1999, display: 'omitted' },
      top_p: 0.95,
    },
    losses: ['~reasoning.budgetTokens', 'temperature', 'topK', '~topP'],
  },
  {
    name: 'no thinking where the cap leaves no room for it',
    call: { messages: hello, outputCapTokens: 1000, reasoning: reasoning({ mode: 'on', budgetTokens: 5000 }) },
    body: { messages: helloBody, max_tokens: 1000 },
    losses: ['reasoning.budgetTokens'],
  },
  {
    name: 'an effort that has no room as a budget is lost, not approximated',
    call: {
      messages: hello,
      modelName: 'claude-haiku-4-5',
      outputCapTokens: 1000,
      reasoning: reasoning({ effort: 'high' }),
    },
    body: { model: 'claude-haiku-4-5', messages: helloBody, max_tokens: 1000 },
    losses: ['reasoning.effort'],
  },
  {
    name: 'no thinking next to a forced use of a tool',
    call: {
      messages: hello,
      tools: [f],
      toolChoice: said<ToolChoice>({ kind: 'any' }, 'toolChoice'),
      reasoning: reasoning({ mode: 'adaptive' }),
    },
    body: { messages: helloBody, tools: [fBody], tool_choice: { type: 'any' } },
    losses: ['reasoning.mode'],
  },
  {
    name: 'no thinking in the middle of a use whose thoughts were not handed back',
    call: {
      messages: turns(
        ['user', text('hello')],
        ['assistant', toolUse('c', 'f')],
        ['tool', toolResult('c', [text('r')])],
      ),
      tools: [f],
      reasoning: reasoning({ mode: 'on', budgetTokens: 1024 }),
    },
    body: {
      messages: [
        ...helloBody,
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'f', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c', content: [{ type: 'text', text: 'r' }] }] },
      ],
      tools: [fBody],
    },
    losses: ['reasoning.mode'],
  },
  {
    name: 'the least efforts, and thinking without a budget',
    call: { messages: hello, reasoning: reasoning({ mode: 'on', effort: 'minimal' }) },
    body: { messages: helloBody, thinking: { type: 'adaptive' }, output_config: { effort: 'low' } },
    losses: ['~reasoning.effort', '~reasoning.mode'],
  },
  {
    name: 'a schema keeps its name and description as annotations',
    call: {
      messages: hello,
      reasoning: reasoning({ effort: 'max' }),
      outputFormat: said<OutputFormat>(
        { kind: 'json-schema', name: 'n', description: 'd', schema: bounded, isStrict: false },
        'outputFormat',
      ),
    },
    body: {
      messages: helloBody,
      output_config: {
        effort: 'max',
        format: { type: 'json_schema', schema: { title: 'n', description: 'd', ...fitted } },
      },
    },
    losses: ['~outputFormat.isStrict', '~outputFormat.schema'],
  },
  {
    name: 'a schema of any object is lost',
    call: {
      messages: hello,
      outputFormat: said<OutputFormat>(
        {
          kind: 'json-schema',
          name: undefined,
          description: undefined,
          schema: { type: 'object' },
          isStrict: undefined,
        },
        'outputFormat',
      ),
    },
    body: { messages: helloBody },
    losses: ['outputFormat'],
  },
  {
    name: 'JSON without a schema is lost',
    call: { messages: hello, outputFormat: said<OutputFormat>({ kind: 'json-object' }, 'outputFormat') },
    body: { messages: helloBody },
    losses: ['outputFormat'],
  },
]

describe('a call of another dialect', () => {
  it.each(cases)('$name', ({ call, body, losses = [] }) => {
    expect(toldIn(translation, call)).toEqual({ body: { model: 'm', max_tokens: 4096, ...body }, losses })
  })
})
