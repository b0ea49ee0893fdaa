import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../canonical/clock.ts'
import { post, weather } from './laws/post.ts'
import { nothingBilled, type SimulatedEntry } from './log.ts'
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

const asked = { model: 'sim-1', input: 'How much water is there?' }
const functions = ['weather', 'tide', 'wind'].map((name) => ({
  type: 'function' as const,
  name,
  parameters: weather,
  strict: false,
}))

describe('responses', () => {
  it('says the same whole and streamed, and counts the same', async () => {
    const whole = await openai.responses.create(asked)
    const streamed = await openai.responses.stream(asked).finalResponse()
    expect(streamed.output_text).toBe(whole.output_text)
    expect([whole.status, streamed.status, whole.object]).toEqual(['completed', 'completed', 'response'])
    expect(streamed.usage).toEqual(whole.usage)
    expect(whole.usage?.output_tokens).toBe(countTokens(whole.output_text))
    expect(lastEntry()).toMatchObject({ path: '/v1/responses', ended: 'whole', isStream: true })
    expect(lastEntry().billed.outputText).toBe(whole.usage?.output_tokens)
  })

  it('numbers the events of its stream, whose deltas are the text', async () => {
    let [text, expectedNumber] = ['', 0]
    const types: string[] = []
    for await (const event of await openai.responses.create({ ...asked, stream: true })) {
      expect(event.sequence_number).toBe(expectedNumber++)
      if (event.type === 'response.output_text.delta') text += event.delta
      if (types.at(-1) !== event.type) types.push(event.type)
    }
    expect(types).toEqual(
      [
        'created',
        'in_progress',
        'output_item.added',
        'content_part.added',
        'output_text.delta',
        'output_text.done',
        'content_part.done',
        'output_item.done',
        'completed',
      ].map((type) => `response.${type}`),
    )
    expect(text).toBe((await openai.responses.create(asked)).output_text)
  })

  it('stops at its limit of tokens and says so', async () => {
    const whole = await openai.responses.create({ ...asked, max_output_tokens: 3 })
    const streamed = await openai.responses.stream({ ...asked, max_output_tokens: 3 }).finalResponse()
    for (const { status, incomplete_details: details, usage } of [whole, streamed])
      expect([status, details?.reason, usage?.output_tokens]).toEqual(['incomplete', 'max_output_tokens', 3])
  })

  it('calls functions, whole and streamed, and then answers', async () => {
    const several = { ...asked, input: 'Do both', tools: functions }
    const whole = await openai.responses.create(several)
    const streamed = await openai.responses.stream(several).finalResponse()
    const calls = whole.output.flatMap((item) => (item.type === 'function_call' ? [item] : []))
    expect(calls.map(({ name }) => name)).toEqual(['weather', 'tide', 'wind'])
    expect(streamed.output).toMatchObject(calls.map(({ call_id, arguments: text }) => ({ call_id, arguments: text })))
    const named = await openai.responses.create({ ...several, tool_choice: { type: 'function', name: 'tide' } })
    expect(named.output).toMatchObject([{ type: 'function_call', name: 'tide' }])
    const results = calls.map(({ call_id }) => ({ type: 'function_call_output' as const, call_id, output: '7' }))
    const answered = await openai.responses.create({ ...several, input: [...calls, ...results] })
    expect(answered.output).toMatchObject([{ type: 'message' }])
  })

  it('answers by a schema', async () => {
    const format = { type: 'json_schema' as const, name: 'weather', schema: weather }
    const { output_text: text } = await openai.responses.create({ ...asked, text: { format } })
    expect(Object.keys(JSON.parse(text))).toEqual(['city', 'unit', 'days'])
  })

  it('keeps a response, so that the next one counts it too, unless it is told not to', async () => {
    const first = await openai.responses.create(asked)
    const next = await openai.responses.create({ ...asked, previous_response_id: first.id })
    const [before, after] = [first.usage, next.usage]
    expect(after?.input_tokens).toBe(2 * (before?.input_tokens ?? 0) + (before?.output_tokens ?? 0))
    const unkept = await openai.responses.create({ ...asked, store: false })
    await expect(openai.responses.create({ ...asked, previous_response_id: unkept.id })).rejects.toMatchObject({
      status: 400,
      param: 'previous_response_id',
    })
  })

  it.each([
    ['status=429', 429, 'refused'],
    ['error_after=2', 200, 'error'],
    ['cut_after=2', 200, 'cut'],
    ['cut=end', 200, 'cut'],
  ])('fails with %s', async (query, status, ended) => {
    const answer = await post(simulated.origin, '/v1/responses', { ...asked, model: `sim-1?${query}`, stream: true })
    expect(answer.status).toBe(status)
    expect(answer.text).not.toContain('response.completed')
    expect(lastEntry()).toMatchObject({ ended, modelName: `sim-1?${query}` })
    expect(answer.text.includes('event: error')).toBe(ended === 'error')
  })

  it.each([
    ['none', undefined],
    ['null', null],
    ['negative', { total_tokens: -1 }],
  ])('tells usage as %s', async (mode, usage) => {
    const told = await openai.responses.create({ ...asked, model: `sim-1?usage=${mode}&tokens=0` })
    if (usage) expect(told.usage?.total_tokens).toBeLessThan(0)
    else expect(told.usage ?? null).toBeNull()
  })

  it('refuses what it cannot read, and bills nothing', async () => {
    const answer = await post(simulated.origin, '/v1/responses', { model: 'sim-1' })
    expect(answer.json).toMatchObject({ error: { type: 'invalid_request_error', param: 'input' } })
    expect(lastEntry()).toMatchObject({ status: 400, billed: nothingBilled })
  })
})

function lastEntry(): SimulatedEntry {
  const entry = simulated.log.entries().at(-1)
  if (!entry) throw new Error('the log is empty')
  return entry
}
