import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../canonical/clock.ts'
import { at, post, weather } from './laws/post.ts'
import type { SimulatedEntry } from './log.ts'
import { startSimulated, type SimulatedServer } from './serve.ts'
import { countTokens } from './tokens.ts'

let simulated: SimulatedServer
let openai: OpenAI

beforeAll(async () => {
  simulated = await startSimulated({ clock: systemClock, speed: 'instant' })
  openai = new OpenAI({ baseURL: `${simulated.origin}/v1`, apiKey: 'none', maxRetries: 0 })
})

afterAll(async () => {
  await simulated.close()
})

const user = [{ role: 'user' as const, content: 'How much water is there?' }]
const chatTools = ['weather', 'tide', 'wind', 'moon'].map((name) => ({
  type: 'function' as const,
  function: { name, parameters: weather },
}))

describe('chat completions', () => {
  it('says the same text whole and streamed, and counts the same', async () => {
    const whole = await openai.chat.completions.create({ model: 'sim-1', messages: user })
    const text = whole.choices[0]?.message.content ?? ''
    expect(text).toContain('simulated')
    expect(whole.choices[0]?.finish_reason).toBe('stop')
    expect(whole.model).toBe('sim-1')
    expect(whole.usage).toMatchObject({
      prompt_tokens: countTokens(user[0]?.content ?? '') + 3,
      completion_tokens: countTokens(text),
    })
    const chunks = []
    for await (const chunk of await openai.chat.completions.create({
      model: 'sim-1',
      messages: user,
      stream: true,
      stream_options: { include_usage: true },
    }))
      chunks.push(chunk)
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(text)
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage })
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true)
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop')
    expect(lastEntry()).toMatchObject({
      path: '/v1/chat/completions',
      isStream: true,
      status: 200,
      ended: 'whole',
      outputTokens: whole.usage?.completion_tokens,
      billed: { inputUncached: whole.usage?.prompt_tokens, outputText: whole.usage?.completion_tokens },
    })
  })

  it('tells no usage in a stream unless asked (M8)', async () => {
    const answer = await post(simulated.origin, '/v1/chat/completions', {
      model: 'sim-1',
      messages: user,
      stream: true,
    })
    expect(answer.text).not.toContain('usage')
    expect(answer.text.endsWith('data: [DONE]\n\n')).toBe(true)
  })

  it('streams one token an event', async () => {
    const { text } = await post(simulated.origin, '/v1/chat/completions', {
      model: 'sim-1?tokens=5',
      messages: user,
      stream: true,
    })
    expect(
      text.split('\n\n').filter((event) => /"content":"."?/.test(event) && !event.includes('"content":""')),
    ).toHaveLength(5)
  })

  it.each([
    ['max_tokens', { max_tokens: 4 }],
    ['max_completion_tokens', { max_completion_tokens: 4 }],
  ])('honours %s', async (_, cap) => {
    const whole = await openai.chat.completions.create({ model: 'sim-1', messages: user, ...cap })
    expect(whole.choices[0]?.finish_reason).toBe('length')
    expect(whole.usage?.completion_tokens).toBe(4)
  })

  it('gives n answers that differ, whole and interleaved, and counts them all', async () => {
    const whole = await openai.chat.completions.create({ model: 'sim-1', messages: user, n: 3 })
    const texts = whole.choices.map((choice) => choice.message.content ?? '')
    expect(new Set(texts).size).toBeGreaterThan(1)
    expect(whole.usage?.completion_tokens).toBe(texts.reduce((sum, text) => sum + countTokens(text), 0))
    const streamed = ['', '', '']
    for await (const chunk of await openai.chat.completions.create({
      model: 'sim-1',
      messages: user,
      n: 3,
      stream: true,
    }))
      for (const choice of chunk.choices) streamed[choice.index] += choice.delta.content ?? ''
    expect(streamed).toEqual(texts)
  })

  it('stops before a stop sequence', async () => {
    const whole = await openai.chat.completions.create({
      model: 'sim-1?text=one+two+three',
      messages: user,
      stop: ['zzz', ' thr'],
    })
    expect(whole.choices[0]?.message.content).toBe('one two')
    expect(whole.choices[0]?.finish_reason).toBe('stop')
  })

  it('calls the first tool with arguments that fit its schema, whole and streamed', async () => {
    const whole = await openai.chat.completions.create({ model: 'sim-1', messages: user, tools: chatTools })
    const [choice] = whole.choices
    const [call, second] = choice?.message.tool_calls ?? []
    expect([choice?.finish_reason, choice?.message.content, second]).toEqual(['tool_calls', null, undefined])
    if (call?.type !== 'function') throw new Error('no call')
    expect(call.function.name).toBe('weather')
    const args = JSON.parse(call.function.arguments)
    expect(Object.keys(args)).toEqual(['city', 'unit', 'days'])
    expect(['C', 'F']).toContain(args.unit)
    const { stream, id, name } = { stream: [] as string[], id: [] as string[], name: [] as string[] }
    for await (const chunk of await openai.chat.completions.create({
      model: 'sim-1',
      messages: user,
      tools: chatTools,
      stream: true,
    }))
      for (const part of chunk.choices[0]?.delta.tool_calls ?? []) {
        if (part.id) id.push(part.id)
        if (part.function?.name) name.push(part.function.name)
        stream.push(part.function?.arguments ?? '')
      }
    expect([id, name, stream.join('')]).toEqual([[call.id], ['weather'], call.function.arguments])
  })

  it('calls several tools when the text says so, unless it may not', async () => {
    const asked = {
      model: 'sim-1',
      messages: [{ role: 'user' as const, content: 'Ask them in parallel' }],
      tools: chatTools,
    }
    const callsOf = async (more: object): Promise<number | undefined> =>
      (await openai.chat.completions.create({ ...asked, ...more })).choices[0]?.message.tool_calls?.length
    expect([
      await callsOf({}),
      await callsOf({ parallel_tool_calls: false }),
      await callsOf({ tools: chatTools.slice(0, 1) }),
    ]).toEqual([3, 1, 2])
  })

  it.each([
    ['the named tool', { tool_choice: { type: 'function', function: { name: 'wind' } } }, 'wind'],
    ['none when told none', { tool_choice: 'none' }, undefined],
    ['none after a result', { messages: [...user, { role: 'tool', tool_call_id: 'c', content: '7' }] }, undefined],
  ])('calls %s', async (_, more, name) => {
    const { json } = await post(simulated.origin, '/v1/chat/completions', {
      model: 'sim-1',
      messages: user,
      tools: chatTools,
      ...more,
    })
    expect(at(json, 'choices', 0, 'message', 'tool_calls', 0, 'function', 'name')).toBe(name)
    expect(at(json, 'choices', 0, 'finish_reason')).toBe(name === undefined ? 'stop' : 'tool_calls')
  })

  it('answers a JSON schema with an object of it', async () => {
    const whole = await openai.chat.completions.create({
      model: 'sim-1',
      messages: user,
      response_format: { type: 'json_schema', json_schema: { name: 'w', schema: weather } },
    })
    expect(Object.keys(JSON.parse(whole.choices[0]?.message.content ?? ''))).toEqual(['city', 'unit', 'days'])
  })

  it('tells cached tokens, inclusively', async () => {
    const messages = [
      { role: 'system', content: [{ type: 'text', text: 'a b c d', cache_control: { type: 'ephemeral' } }] },
      { role: 'user', content: 'x' },
    ]
    const first = await post(simulated.origin, '/v1/chat/completions', { model: 'sim-1', messages })
    const second = await post(simulated.origin, '/v1/chat/completions', { model: 'sim-1', messages })
    expect(at(first.json, 'usage')).toMatchObject({
      prompt_tokens: 11,
      prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 7 },
    })
    expect(at(second.json, 'usage')).toMatchObject({ prompt_tokens: 11, prompt_tokens_details: { cached_tokens: 7 } })
    expect(lastEntry().billed).toMatchObject({ inputUncached: 4, cacheRead: 7 })
  })
})

function lastEntry(): SimulatedEntry {
  const entry = simulated.log.entries().at(-1)
  if (!entry) throw new Error('the log is empty')
  return entry
}
