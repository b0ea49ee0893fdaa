import { expect, it } from 'vitest'
import { openAiSession } from './openai-session.ts'

const said = (event: object) => JSON.stringify(event)

it('a response that was asked for is in doubt until it is told of, and until it is told what it used', () => {
  const session = openAiSession(['voice'])
  expect(session.isAllTold).toBe(true)
  session.mustPass(said({ type: 'response.create' }))
  expect(session.isAllTold).toBe(false)
  session.hear(said({ type: 'response.created' }))
  expect(session.isAllTold).toBe(false)
  session.hear(said({ type: 'response.done', response: { usage: { input_tokens: 1, output_tokens: 1 } } }))
  expect(session.isAllTold).toBe(true)
})

it('one that the provider refused has cost nothing', () => {
  const session = openAiSession(['voice'])
  session.mustPass(said({ type: 'response.create' }))
  session.hear(said({ type: 'error', error: { code: 'conversation_already_has_active_response' } }))
  expect(session.isAllTold).toBe(true)
})
