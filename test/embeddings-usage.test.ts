import { describe, expect, it } from 'vitest'
import { isJsonObject } from '../src/canonical/json.ts'
import { inputTokensOf } from '../src/canonical/usage.ts'
import { recordings, reportMissingCorpus } from './corpus.ts'
import { embedders, recordedEmbedders } from './laws/embedders.ts'

/**
 * For every recorded answer with embeddings that tells its usage: what our dialects read is what the provider said. The checker is
 * naive on purpose: it takes the numbers out of the text.
 */
describe('usage of embeddings', () => {
  it('M8 is what the provider said, in every recorded answer', () => {
    const counted = new Map<string, number>()
    for (const dialect of embedders)
      for (const { id, provider, response } of recordings('embeddings')) {
        if (recordedEmbedders[dialect.name]?.includes(provider) !== true || response.status !== 200) continue
        const answer: unknown = JSON.parse(response.body)
        if (!isJsonObject(answer)) continue
        const { usage } = dialect.readReply(answer)
        expect(usage ? inputTokensOf(usage) : 0, `${provider}/${id}`).toBe(saidIn(response.body))
        counted.set(provider, (counted.get(provider) ?? 0) + 1)
      }
    if (counted.size === 0) reportMissingCorpus('usage of embeddings')
    console.log([...counted].map(([provider, count]) => `${provider}: ${count} answers`).join('\n'))
  })
})

function saidIn(body: string): number {
  const numbers = (pattern: RegExp) => [...body.matchAll(pattern)].map((found) => Number(found[1]))
  const billed = numbers(/"(?:input_tokens|image_tokens)": ?(\d+)/g)
  if (billed.length > 0) return billed.reduce((sum, one) => sum + one, 0)
  return numbers(/"(?:prompt_tokens|promptTokenCount|total_tokens)": ?(\d+)/g)[0] ?? 0
}
