import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../canonical/json.ts'
import { dialects } from './all.ts'
import type { DialectName } from './dialect.ts'

/* How an answer was served, by what its provider says. */

const choice = { index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }
const chat = (tier: unknown) => ({ choices: [choice], service_tier: tier }) as JsonObject
const response = (tier: string) => ({ status: 'completed', output: [], service_tier: tier }) as JsonObject
const message = (usage: JsonObject) => ({ content: [], usage: { input_tokens: 1, output_tokens: 1, ...usage } })
const gemini = (usage: JsonObject) => ({ candidates: [], usageMetadata: { promptTokenCount: 1, ...usage } })
const converse = (fields: JsonObject) => ({ output: { message: { content: [] } }, ...fields })

describe('how an answer was served', () => {
  it.each<[DialectName, JsonObject, string | undefined]>([
    ['openai-chat', chat('default'), undefined],
    ['openai-chat', chat(null), undefined],
    ['openai-chat', chat('on_demand'), undefined],
    ['openai-chat', chat('priority'), 'priority'],
    ['openai-chat', chat('Some, thing'), 'some--thing'],
    ['openai-completions', { choices: [{ text: 'hi' }], service_tier: 'flex' }, 'flex'],
    ['openai-responses', response('default'), undefined],
    ['openai-responses', response('priority'), 'priority'],
    ['anthropic-messages', message({ service_tier: 'standard', inference_geo: 'not_available' }), undefined],
    ['anthropic-messages', message({ service_tier: 'batch', inference_geo: 'global' }), undefined],
    ['anthropic-messages', message({ service_tier: 'priority', speed: 'standard' }), 'priority'],
    ['anthropic-messages', message({ speed: 'fast', inference_geo: 'us' }), 'fast geo:us'],
    ['gemini-generate', gemini({ serviceTier: 'standard' }), undefined],
    ['gemini-generate', gemini({ serviceTier: 'PRIORITY' }), 'priority'],
    ['gemini-generate', gemini({ trafficType: 'ON_DEMAND' }), undefined],
    ['gemini-generate', gemini({ trafficType: 'PROVISIONED_THROUGHPUT' }), undefined],
    ['gemini-generate', gemini({ trafficType: 'ON_DEMAND_FLEX' }), 'flex'],
    ['bedrock-converse', converse({ serviceTier: { type: 'default' } }), undefined],
    ['bedrock-converse', converse({ serviceTier: { type: 'flex' } }), 'flex'],
    ['bedrock-converse', converse({ performanceConfig: { latency: 'optimized' } }), 'optimized'],
  ])('%s: %j', (name, reply, service) => {
    expect(dialects[name].readReply(reply).service).toBe(service)
  })

  it.each<[DialectName, readonly [string, JsonObject][], string | undefined]>([
    [
      'openai-chat',
      [
        ['', { service_tier: 'auto', choices: [{ index: 0, delta: { content: 'hi' } }] }],
        ['', { service_tier: 'priority', choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } }],
      ],
      'priority',
    ],
    [
      'openai-chat',
      [
        ['', { service_tier: 'priority', choices: [{ index: 0, delta: { content: 'hi' } }] }],
        ['', { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } }],
      ],
      'priority',
    ],
    [
      'openai-responses',
      [
        ['response.created', { response: { service_tier: 'priority' } }],
        ['response.completed', { response: { ...response('default'), usage: { input_tokens: 1, output_tokens: 1 } } }],
      ],
      undefined,
    ],
    [
      'anthropic-messages',
      [
        ['message_start', { message: { id: 'm', usage: { input_tokens: 1, speed: 'fast', inference_geo: 'us' } } }],
        ['message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } }],
      ],
      'fast geo:us',
    ],
    ['gemini-generate', [['', gemini({ trafficType: 'ON_DEMAND_PRIORITY' })]], 'priority'],
    ['bedrock-converse', [['metadata', { usage: { inputTokens: 1 }, serviceTier: { type: 'priority' } }]], 'priority'],
  ])('%s tells it in a stream', (name, frames, service) => {
    const { readCall, openStream } = dialects[name]
    const call = readCall({ model: 'm', max_tokens: 5, stream: true, messages: [], contents: [], input: [] })
    const stream = openStream(call)
    for (const [event, said] of frames)
      stream.read(event, Buffer.from(JSON.stringify(event === '' ? said : { type: event, ...said })))
    expect(stream.facts().service).toBe(service)
  })
})
