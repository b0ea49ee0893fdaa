import Anthropic from '@anthropic-ai/sdk'
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../../src/canonical/clock.ts'
import { startSimulated, type SimulatedServer } from '../../src/providers/simulated/serve.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'

/** The tool runner of `@anthropic-ai/sdk`: it asks for a thread first, and sends the messages themselves where none is kept. */
let simulated: SimulatedServer
let weir: RunningGateway
let client: Anthropic

const upstreams = ['messages', 'chat'] as const

beforeAll(async () => {
  simulated = await startSimulated({ clock: systemClock, speed: 'instant' })
  weir = await startGateway({
    env: { KEY: 'k' },
    config: `
providers:
  messages: { kind: anthropic, baseUrl: "${simulated.origin}", credentials: { apiKey: env:KEY } }
  chat: { kind: openai-compatible, baseUrl: "${simulated.origin}/v1" }
models:
${upstreams.map((name) => `  ${name}: { targets: [{ provider: ${name}, model: sim-1 }] }`).join('\n')}
`,
  })
  client = new Anthropic({ baseURL: weir.gateway.dataOrigin, apiKey: weir.key, maxRetries: 0 })
})

afterAll(async () => {
  await weir.close()
  await simulated.close()
})

describe('the tool runner of the Anthropic SDK', () => {
  it.each(upstreams)('calls a tool and tells its result, with a provider of %s', async (upstream) => {
    const asked: unknown[] = []
    const weather = betaZodTool({
      name: 'weather',
      description: 'Tells the weather.',
      inputSchema: z.object({ city: z.string() }),
      run: (given) => {
        asked.push(given)
        return '12 degrees'
      },
    })
    const said = await client.beta.messages
      .toolRunner({
        model: upstream,
        max_tokens: 500,
        messages: [{ role: 'user', content: 'The weather in Bern?' }],
        tools: [weather],
      })
      .runUntilDone()
    expect(asked).toHaveLength(1)
    expect(said).toMatchObject({ role: 'assistant', stop_reason: 'end_turn' })
  })
})
