import { expect, it } from 'vitest'
import { listedContextTokens } from './context-window.ts'

it('knows the windows of listed models, by exact provider', () => {
  expect(listedContextTokens('openai', 'gpt-4o')).toBe(128_000)
  expect(listedContextTokens('openai', 'gpt-4o-2024-08-06')).toBe(128_000)
  expect(listedContextTokens('my-openai', 'gpt-4o')).toBeUndefined()
  expect(listedContextTokens('openai', 'no-such-model')).toBeUndefined()
  expect(listedContextTokens('openai', '*')).toBeUndefined()
  expect(listedContextTokens(undefined, 'gpt-4o')).toBeUndefined()
})
