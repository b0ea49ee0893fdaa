import Anthropic from '@anthropic-ai/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../canonical/clock.ts'
import { weather } from './laws/post.ts'
import { nothingBilled, type SimulatedEntry } from './log.ts'
import { startSimulated, type SimulatedServer } from './serve.ts'
import { countTokens } from './tokens.ts'

let simulated: SimulatedServer
let anthropic: Anthropic

beforeAll(async () => {
  simulated = await startSimulated({ clock: systemClock, speed: 'instant' })
  anthropic = new Anthropic({ baseURL: simulated.origin, apiKey: 'none', maxRetries: 0 })
})

afterAll(async () => {
  await simulated.close()
})

const user = [{ role: 'user' as const, content: 'How much water is there?' }]
const messagesTools = ['weather', 'tide', 'wind'].map((name) => ({ name, input_schema: weather }))

describe('messages', () => {
  it('says the same whole and streamed, and counts the same', async () => {
    const whole = await anthropic.messages.create({ model: 'sim-1', max_tokens: 1_000, messages: user })
    const streamed = await anthropic.messages
      .stream({ model: 'sim-1', max_tokens: 1_000, messages: user })
      .finalMessage()
    expect(streamed.content).toEqual(whole.content)
    expect(streamed.usage).toMatchObject(whole.usage)
    expect([whole.stop_reason, streamed.stop_reason]).toEqual(['end_turn', 'end_turn'])
    const [block] = whole.content
    expect(whole.usage.output_tokens).toBe(countTokens(block?.type === 'text' ? block.text : ''))
  })

  it.each([
    ['max_tokens', { max_tokens: 3 }, 'max_tokens', null],
    ['a stop sequence', { stop_sequences: [' simulated'] }, 'stop_sequence', ' simulated'],
  ] as const)('stops at %s and says so', async (_, more, reason, sequence) => {
    const asked = {
      model: 'sim-1',
      max_tokens: 100,
      messages: user,
      ...more,
      stop_sequences: 'stop_sequences' in more ? [...more.stop_sequences] : [],
    }
    const whole = await anthropic.messages.create(asked)
    const streamed = await anthropic.messages.stream(asked).finalMessage()
    for (const message of [whole, streamed])
      expect([message.stop_reason, message.stop_sequence]).toEqual([reason, sequence])
    expect(streamed.content).toEqual(whole.content)
  })

  it('calls tools, whole and streamed, one or several', async () => {
    const asked = {
      model: 'sim-1',
      max_tokens: 1_000,
      tools: messagesTools,
      messages: [{ role: 'user' as const, content: 'Do both' }],
    }
    const whole = await anthropic.messages.create(asked)
    const streamed = await anthropic.messages.stream(asked).finalMessage()
    expect(whole.content.map((block) => block.type)).toEqual(['tool_use', 'tool_use', 'tool_use'])
    expect(streamed.content).toEqual(whole.content)
    expect(whole.stop_reason).toBe('tool_use')
    const single = await anthropic.messages.create({
      ...asked,
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    })
    expect(single.content).toHaveLength(1)
    const answered = await anthropic.messages.create({
      ...asked,
      messages: [
        ...asked.messages,
        { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'weather', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: '7' }] },
      ],
    })
    expect(answered.stop_reason).toBe('end_turn')
  })

  it('counts the tokens of a call that it is not asked to answer, and bills nothing', async () => {
    const asked = { model: 'sim-1', messages: user, tools: messagesTools }
    const { input_tokens: counted } = await anthropic.messages.countTokens(asked)
    expect(lastEntry()).toMatchObject({ path: '/v1/messages/count_tokens', billed: nothingBilled })
    const { usage } = await anthropic.messages.create({ ...asked, max_tokens: 100 })
    expect(counted).toBe(usage.input_tokens)
  })

  it('writes a marked prompt to its cache and reads it the next time', async () => {
    const asked: Anthropic.MessageCreateParamsNonStreaming = {
      model: 'sim-1',
      max_tokens: 10,
      system: [{ type: 'text', text: 'one two three', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      messages: user,
    }
    const first = await anthropic.messages.create(asked)
    const second = await anthropic.messages.create(asked)
    expect(first.usage).toMatchObject({ cache_creation_input_tokens: 6, cache_read_input_tokens: 0 })
    expect(first.usage.cache_creation).toEqual({ ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 6 })
    expect(second.usage).toMatchObject({
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 6,
      input_tokens: first.usage.input_tokens,
    })
    expect(lastEntry().billed).toMatchObject({ cacheRead: 6, cacheWrite1h: 0 })
  })
})

function lastEntry(): SimulatedEntry {
  const entry = simulated.log.entries().at(-1)
  if (!entry) throw new Error('the log is empty')
  return entry
}
