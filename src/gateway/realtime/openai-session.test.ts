import { expect, it } from 'vitest'
import { openAiSession } from './openai-session.ts'

const said = (event: object) => JSON.stringify(event)

it('a response that was asked for is in doubt until it is told of, and until it is told what it used', () => {
  const session = openAiSession({ asked: 'voice', there: 'm' })
  expect(session.isAllTold).toBe(true)
  session.worded(said({ type: 'response.create' }))
  expect(session.isAllTold).toBe(false)
  session.hear(said({ type: 'response.created' }))
  expect(session.isAllTold).toBe(false)
  session.hear(said({ type: 'response.done', response: { usage: { input_tokens: 1, output_tokens: 1 } } }))
  expect(session.isAllTold).toBe(true)
})

it('one that the provider refused has cost nothing', () => {
  const session = openAiSession({ asked: 'voice', there: 'm' })
  session.worded(said({ type: 'response.create' }))
  session.hear(said({ type: 'error', error: { code: 'conversation_already_has_active_response' } }))
  expect(session.isAllTold).toBe(true)
})

it('the client’s own name for the model becomes the provider’s, and nothing else changes', () => {
  const session = openAiSession({ asked: 'voice', there: 'm' })
  const update = (name: string) =>
    `{ "session": {"speed": 1.0, "mod\\u0065l" : "${name}", "audio":{"model":"voice"}},"type":"session.update" , "é":1e2}`
  expect(session.worded(update('voice'))).toBe(update('m'))
  expect(session.worded(update('m'))).toBe(update('m'))
})
