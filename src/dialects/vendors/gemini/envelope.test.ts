import { expect, it } from 'vitest'
import { GatewayError } from '../../../canonical/error.ts'
import { geminiEnvelope } from './envelope.ts'

it('tells the facts of a problem, but those that are not known', () => {
  const facts = { budget: 'monthly', left: '0.25', resets_at: null }
  expect(geminiEnvelope.writeProblem(new GatewayError('budget_exceeded', 'no room', { facts }), 'req_1')).toMatchObject(
    {
      error: {
        status: 'RESOURCE_EXHAUSTED',
        details: [{ reason: 'budget_exceeded', metadata: { requestId: 'req_1', budget: 'monthly', left: '0.25' } }],
      },
    },
  )
})
