import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../canonical/json.ts'
import { noUsage } from '../../canonical/usage.ts'
import { updateCounts, usageOf, type SaidCounts } from './read-usage.ts'

const after = (...said: readonly JsonObject[]) =>
  usageOf(said.reduce<SaidCounts>((before, now) => updateCounts(before, now) ?? before, {}))

describe('usage in Anthropic’s shape', () => {
  it('input_tokens is what no cache knew; output_tokens holds thinking', () => {
    const usage = after({
      input_tokens: 10,
      cache_read_input_tokens: 20,
      cache_creation_input_tokens: 30,
      output_tokens: 9,
      output_tokens_details: { thinking_tokens: 4 },
    })
    expect(usage).toEqual({
      ...noUsage,
      inputUncached: 10,
      cacheRead: 20,
      cacheWriteOther: 30,
      outputText: 5,
      outputReasoning: 4,
    })
  })

  it('numbers are totals: later ones replace, those left out stay, null says nothing', () => {
    expect(after({ input_tokens: 10, output_tokens: 1 }, { output_tokens: 50 })).toMatchObject({
      inputUncached: 10,
      outputText: 50,
    })
    expect(
      after({ input_tokens: 2068, output_tokens: 1 }, { input_tokens: 22_397, output_tokens: 637 })?.inputUncached,
    ).toBe(22_397)
    expect(after({ input_tokens: 10 }, { input_tokens: null, cache_creation: null, output_tokens: 3 })).toMatchObject({
      inputUncached: 10,
    })
  })

  it('lifetimes of cache writes are told first, their new total last: the difference has no known lifetime', () => {
    const usage = after(
      {
        input_tokens: 2,
        cache_creation_input_tokens: 3068,
        cache_creation: { ephemeral_5m_input_tokens: 3068, ephemeral_1h_input_tokens: 0 },
      },
      { input_tokens: 6, cache_creation_input_tokens: 3337, output_tokens: 198 },
    )
    expect(usage).toMatchObject({ cacheWrite5m: 3068, cacheWrite1h: 0, cacheWriteOther: 269 })
  })

  it('lifetimes without a total are the total', () => {
    expect(after({ input_tokens: 1, cache_creation: { ephemeral_1h_input_tokens: 7 } })).toMatchObject({
      cacheWrite1h: 7,
      cacheWriteOther: 0,
    })
  })

  it('compactions are added: they are billed, but in no other field', () => {
    const compaction = { type: 'compaction', input_tokens: 180_000, output_tokens: 3500 }
    const message = { type: 'message', input_tokens: 23_000, output_tokens: 1000 }
    const usage = after({ input_tokens: 23_000, output_tokens: 1000, iterations: [compaction, message] })
    expect(usage).toMatchObject({ inputUncached: 203_000, outputText: 4500 })
  })

  it('so are an advisor’s tokens, and it is told that they are another model’s', () => {
    const advisor = { type: 'advisor_message', model: 'claude-opus-4-7', input_tokens: 2728, output_tokens: 3880 }
    const message = { type: 'message', input_tokens: 4727, output_tokens: 3391 }
    const said = { input_tokens: 4727, output_tokens: 3391, iterations: [message, advisor] }
    expect(after(said)).toMatchObject({ inputUncached: 7455, outputText: 7271 })
    expect(after(said, { output_tokens: 3392 })).toMatchObject({ inputUncached: 7455, outputText: 7272 })
    expect(updateCounts({}, said)).toMatchObject({ mixesModels: true })
    expect(updateCounts({}, { ...said, iterations: [message] })?.mixesModels).toBe(false)
  })

  it('M8 nothing said, or zeros only, is no usage', () => {
    expect(after()).toBeUndefined()
    expect(after({})).toBeUndefined()
    expect(after({ input_tokens: 0, output_tokens: 0 })).toBeUndefined()
  })

  it('M13 a hostile frame changes nothing', () => {
    const hostile: readonly JsonObject[] = [
      { output_tokens: -5 },
      { output_tokens: 5, input_tokens: '7' },
      { output_tokens: 5, cache_creation: [] },
      { output_tokens: 5, iterations: [{ type: 'compaction', input_tokens: 0.5 }] },
    ]
    for (const said of hostile)
      expect(after({ input_tokens: 10, output_tokens: 1 }, said), JSON.stringify(said)).toMatchObject({
        inputUncached: 10,
        outputText: 1,
      })
  })
})
