import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { corpusDir, reportMissingCorpus } from '../../test/corpus.ts'
import { knownOutputTokens } from './output-maximum.ts'

describe('the most that a model writes', () => {
  it.each([
    ['gpt-4o-mini', 16_384],
    ['gpt-4o-2024-05-13', 4_096],
    ['openai/gpt-4.1-nano', 32_768],
    ['gpt-5-chat-latest', 16_384],
    ['gpt-5.2', 128_000],
    ['gemini-2.0-flash', 8_192],
    ['command-a-reasoning-08-2025', 32_000],
    ['command-a-03-2025', 8_000],
    ['command-r7b-12-2024', 4_000],
    ['command-a-plus-05-2026', undefined],
    ['a-model-of-nobody', undefined],
  ])('%s: %s tokens', (name, tokens) => {
    expect(knownOutputTokens(name)).toBe(tokens)
  })

  it('is never more than an independent table says, up to the cap that is sent', () => {
    if (corpusDir === undefined) return reportMissingCorpus('the table of output maxima')
    const table = JSON.parse(readFileSync(join(corpusDir, 'pricing', 'litellm-subset.json'), 'utf8')) as Readonly<
      Record<string, { readonly max_output_tokens?: number }>
    >
    const wrong: string[] = []
    let compared = 0
    for (const [name, { max_output_tokens: most }] of Object.entries(table)) {
      const known = knownOutputTokens(name)
      // These are not asked through chat.
      if (known === undefined || most === undefined || /realtime|transcribe|tts|live|instruct/.test(name)) continue
      compared += 1
      if (Math.min(known, 32_000) > most) wrong.push(`${name}: ${known}, and the table says ${most}`)
    }
    expect(wrong).toEqual([])
    expect(compared).toBeGreaterThan(100)
  })
})
