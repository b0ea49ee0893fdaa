import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../canonical/clock.ts'
import { at, contentsOf, post, type Posted } from './laws/post.ts'
import { nothingBilled, type SimulatedEntry } from './log.ts'
import { startSimulated, type SimulatedServer } from './serve.ts'

let simulated: SimulatedServer

beforeAll(async () => {
  simulated = await startSimulated({ clock: systemClock, speed: 'instant' })
})

afterAll(async () => {
  await simulated.close()
})

const user = [{ role: 'user' as const, content: 'How much water is there?' }]

describe('faults on demand', () => {
  it.each([
    [429, '/v1/chat/completions', { type: 'requests', code: 'rate_limit_exceeded' }],
    [500, '/v1/chat/completions', { type: 'server_error' }],
    [401, '/v1/embeddings', { type: 'invalid_request_error', code: 'invalid_api_key' }],
    [529, '/v1/messages', { type: 'overloaded_error' }],
    [401, '/v1/messages', { type: 'authentication_error' }],
  ])('fails with %d at %s in the words of the dialect, and bills nothing', async (status, path, error) => {
    const answer = await post(simulated.origin, path, {
      model: `sim-1?status=${status}&retry_after=2`,
      messages: user,
      input: 'x',
      max_tokens: 9,
    })
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, '2'])
    expect(at(answer.json, 'error')).toMatchObject(error)
    expect(lastEntry()).toMatchObject({ status, ended: 'refused', outputTokens: 0, billed: nothingBilled })
  })

  it('fails only so many times for the very same name', async () => {
    const statuses = []
    for (let round = 0; round < 4; round++) statuses.push((await chat('sim-1?status=500&times=2')).status)
    statuses.push((await chat('sim-1?times=2&status=500')).status)
    expect(statuses).toEqual([500, 500, 200, 200, 500])
  })

  it('answers HTML', async () => {
    const answer = await chat('sim-1?status=502&html=1')
    expect([answer.status, answer.headers.get('content-type')]).toEqual([502, 'text/html'])
    expect(answer.text).toContain('<!doctype html>')
  })

  it('puts an error into a stream after n content events, and ends', async () => {
    const three = await chat('sim-1?error_after=3')
    expect(contentsOf(three.text)).toBe(3)
    expect(three.text).toMatch(/data: \{"error":.*\n\n$/)
    expect(lastEntry()).toMatchObject({ ended: 'error', outputTokens: 3, billed: { outputText: 3 } })
    const none = await chat('sim-1?error_after=0')
    expect(contentsOf(none.text)).toBe(0)
    expect(lastEntry()).toMatchObject({ ended: 'error', billed: nothingBilled })
    const messages = await post(simulated.origin, '/v1/messages', {
      model: 'sim-1?error_after=1',
      messages: user,
      max_tokens: 99,
      stream: true,
    })
    expect(messages.text).toMatch(/event: error\ndata: \{"type":"error"/)
    expect(at((await chat('sim-1?error_after=0', false)).json, 'error', 'type')).toBe('server_error')
  })

  it.each(['rst', 'fin'] as const)('cuts a stream by %s after n content events (D3 7, 8)', async (cut) => {
    const answer = await chat(`sim-1?cut_after=3&cut=${cut}`)
    expect(answer.broke).toBe(true)
    expect(contentsOf(answer.text)).toBe(3)
    expect(lastEntry()).toMatchObject({ ended: 'cut', outputTokens: 3, billed: { outputText: 3 } })
  })

  it('ends a stream in good order but without its last events', async () => {
    const answer = await chat('sim-1?cut=end&tokens=4')
    expect([answer.broke, contentsOf(answer.text)]).toEqual([false, 4])
    expect(answer.text).not.toMatch(/DONE|"finish_reason":"/)
    expect(lastEntry().ended).toBe('cut')
  })

  it.each([true, false])('cuts at the head, and before it (D3 5, 6); stream: %s', async (isStream) => {
    const atHead = await chat('sim-1?cut=headers', isStream)
    expect([atHead.status, atHead.broke, atHead.text]).toEqual([200, true, ''])
    await expect(chat('sim-1?cut=before_headers', isStream)).rejects.toThrow()
    expect(lastEntry().ended).toBe('cut')
  })

  it('cuts a whole body half way', async () => {
    const answer = await chat('sim-1?cut_after=1', false)
    expect(answer.broke).toBe(true)
    expect(answer.text.length).toBeGreaterThan(0)
  })

  it('falls silent until the client goes (D3 9)', async () => {
    const leaving = new AbortController()
    const answer = await fetch(`${simulated.origin}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'sim-1?stall_after=2', messages: user, stream: true }),
      signal: leaving.signal,
    })
    let text = ''
    for await (const bytes of answer.body ?? []) {
      text += Buffer.from(bytes).toString()
      if (contentsOf(text) === 2) break
    }
    leaving.abort()
    await entryWhere(({ ended }) => ended === 'stalled')
    expect(lastEntry()).toMatchObject({ outputTokens: 2, billed: { outputText: 2 } })
  })

  it('tells usage wrongly as asked (M8, D3 22)', async () => {
    const none = await told('none')
    expect([none.stream.includes('prompt_tokens'), none.whole, none.messages.includes('usage')]).toEqual([
      false,
      undefined,
      false,
    ])
    const nothing = await told('null')
    expect(nothing.stream).toMatch(/"choices":\[\],"usage":null/)
    expect(nothing.whole).toBeNull()
    expect(at((await told('negative')).whole, 'prompt_tokens')).toBeLessThan(0)
    const twice = await told('twice')
    expect(twice.stream.split('"choices":[]')).toHaveLength(3)
    expect(twice.messages.split('event: message_delta')).toHaveLength(3)
  })

  it('breaks JSON as asked (D3 12, 13)', async () => {
    const whole = await chat('sim-1?bad_json=1', false)
    expect([whole.broke, whole.json]).toEqual([false, undefined])
    const stream = await chat('sim-1?bad_json=1')
    expect(stream.text).toContain('no JSON')
    expect(stream.text.endsWith('data: [DONE]\n\n')).toBe(true)
  })
})

describe('a client that goes away', () => {
  it('before the head: nothing is written, and the input is billed, or all of it by a provider that bills to the end', async () => {
    for (const [more, outputText] of [
      ['', 0],
      ['&bills=to_end', 6],
    ] as const) {
      const modelName = `sim-1?delay_ms=60&tokens=6${more}`
      const leaving = new AbortController()
      const answer = fetch(`${simulated.origin}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ model: modelName, messages: user, stream: true }),
        signal: leaving.signal,
      })
      const gone = expect(answer).rejects.toThrow('aborted')
      const { entries } = simulated.log
      const before = entries().length
      await post(simulated.origin, '/v1/embeddings', { model: 'sim-embed', input: 'x' })
      leaving.abort()
      await gone
      const entry = await entryWhere((one) => one.modelName === modelName)
      expect(entry).toMatchObject({ ended: 'client-gone', outputTokens: 0, bytes: 0, billed: { outputText } })
      expect(entry.billed.inputUncached).toBeGreaterThan(0)
      expect(entries().length).toBe(before + 2)
    }
  })

  it.each([
    ['stops the answer, and what was made is billed (M4)', '', 40],
    ['does not stop a provider that bills to the end', '&bills=to_end', 40],
  ])('%s', async (_, more, tokens) => {
    const modelName = `sim-1?tokens=${tokens}&token_ms=2${more}`
    const leaving = new AbortController()
    const answer = await fetch(`${simulated.origin}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'x-weir-request-id': 'req-9', 'x-weir-attempt': '2' },
      body: JSON.stringify({ model: modelName, messages: user, stream: true }),
      signal: leaving.signal,
    })
    let text = ''
    for await (const bytes of answer.body ?? []) {
      text += Buffer.from(bytes).toString()
      if (contentsOf(text) >= 3) break
    }
    leaving.abort()
    const entry = await entryWhere((one) => one.modelName === modelName)
    expect(entry).toMatchObject({ requestId: 'req-9', attempt: '2', ended: 'client-gone' })
    expect(entry.outputTokens).toBeGreaterThanOrEqual(3)
    expect(entry.outputTokens).toBeLessThan(tokens)
    if (more === '') expect(entry.billed.outputText).toBe(entry.outputTokens)
    else expect(entry.billed.outputText).toBe(tokens)
  })
})

function chat(modelName: string, isStream = true): Promise<Posted> {
  return post(simulated.origin, '/v1/chat/completions', {
    model: modelName,
    messages: user,
    stream: isStream,
    stream_options: { include_usage: true },
  })
}

async function told(mode: string) {
  const asked = { model: `sim-1?usage=${mode}`, messages: user, max_tokens: 9, stream: true }
  return {
    stream: (await chat(`sim-1?usage=${mode}`)).text,
    whole: at((await chat(`sim-1?usage=${mode}`, false)).json, 'usage'),
    messages: (await post(simulated.origin, '/v1/messages', asked)).text,
  }
}

function lastEntry(): SimulatedEntry {
  const entry = simulated.log.entries().at(-1)
  if (!entry) throw new Error('the log is empty')
  return entry
}

async function entryWhere(wanted: (entry: SimulatedEntry) => boolean): Promise<SimulatedEntry> {
  for (;;) {
    const found = simulated.log.entries().find(wanted)
    if (found) return found
    await new Promise((resolve) => setImmediate(resolve))
  }
}
