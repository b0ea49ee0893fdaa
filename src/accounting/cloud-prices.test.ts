import { describe, expect, it } from 'vitest'
import { listedPrice } from './genai-prices.ts'

const atMs = Date.UTC(2026, 10, 29)

/** Names as they stand in targets of the clouds, which the list has in other spellings. */
describe('names of models on clouds', () => {
  it.each([
    ['google', 'gemini-2.5-flash', 'gemini-2.5-flash'],
    ['google', 'claude-sonnet-4-5@20250929', 'claude-sonnet-4-5'],
    ['aws', 'anthropic.claude-3-haiku-20240307-v1:0', 'regional.anthropic.claude-3-haiku-20240307-v1:0'],
    ['aws', 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0', 'regional.anthropic.claude-sonnet-4-5-20250929-v1:0'],
    ['aws', 'eu.anthropic.claude-opus-4-6-v1', 'regional.anthropic.claude-opus-4-6-v1:0'],
    ['aws', 'global.anthropic.claude-opus-4-8', 'global.anthropic.claude-opus-4-8-v1:0'],
    ['aws', 'us.amazon.nova-2-lite-v1:0', 'regional.amazon.nova-2-lite-v1:0'],
    [
      'aws',
      'arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      'regional.anthropic.claude-sonnet-4-5-20250929-v1:0',
    ],
    ['azure', 'gpt-5-mini', 'gpt-5-mini'],
  ])('%s prices %s as %s', (provider, modelName, listed) => {
    const found = listedPrice(provider, modelName).at(atMs)
    expect(found.kind === 'priced' && found.price.version).toMatch(new RegExp(`/${provider}/${listed}$`))
  })

  it.each([
    ['azure', 'my-deployment'],
    ['aws', 'arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/abc123'],
    ['aws', 'eu.anthropic.claude-of-tomorrow'],
  ])('M10: %s leaves %s unpriced, and never free', (provider, modelName) => {
    expect(listedPrice(provider, modelName).at(atMs).kind).toBe('unpriced')
  })
})
