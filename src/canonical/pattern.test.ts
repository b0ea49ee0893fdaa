import { expect, it } from 'vitest'
import { mayMeet, tiedPatterns } from './pattern.ts'

it.each([
  ['gpt-5', 'gpt-5', true],
  ['gpt-5', 'gpt-*', true],
  ['gpt-', 'gpt-*', false],
  ['openai/*', 'openai/gpt-*', true],
  ['openai/*', '*-mini', true],
  ['openai/*', 'anthropic/*', false],
  ['a*-mini', 'a*-nano', false],
  ['*', '*', true],
])('some name matches both %s and %s: %s', (one, other, isSo) => {
  expect([mayMeet(one, other), mayMeet(other, one)]).toEqual([isSo, isSo])
})

it.each([
  [['gpt-*', '*-pro'], [['gpt-*', '*-pro']]],
  [['gpt-*', 'gpt-5*', '*-mini'], [['gpt-5*', '*-mini']]],
  [['a*-mini', 'a*-nano', 'b*-mini'], []],
  [['gpt-5', '*-pro', 'gpt-6'], []],
])('of %j these are tied: %j', (names, tied) => {
  expect(tiedPatterns(names)).toEqual(tied)
})
