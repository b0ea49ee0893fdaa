import { expect, it } from 'vitest'
import { liveSession } from './live-session.ts'

const said = (message: object) => JSON.stringify(message)
const usage = { usageMetadata: { promptTokenCount: 1, responseTokenCount: 1, totalTokenCount: 2 } }

it.each([
  ['a turn', { clientContent: { turns: [], turnComplete: true } }],
  ['a turn in the other spelling', { client_content: { turns: [], turn_complete: true } }],
  ['the results of calls', { toolResponse: { functionResponses: [] } }],
])('%s that the client ends is in doubt until it is told what it used', (_, message) => {
  const session = liveSession()
  session.worded(said({ realtimeInput: { audio: { data: 'AAAA' } } }))
  expect(session.isAllTold).toBe(true)
  session.worded(said(message))
  expect(session.isAllTold).toBe(false)
  session.hear(said({ serverContent: { turnComplete: true }, ...usage }))
  expect(session.isAllTold).toBe(true)
})
