import { Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner, tool, type Model } from '@openai/agents'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../../src/canonical/clock.ts'
import { startSimulated, type SimulatedServer } from '../../src/providers/simulated/serve.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'

/** `@openai/agents`: a whole run, in which the model calls a tool, is given its result, and answers. */
let simulated: SimulatedServer
let weir: RunningGateway
let client: OpenAI

const upstreams = ['chat', 'messages', 'responses', 'generate'] as const

beforeAll(async () => {
  simulated = await startSimulated({ clock: systemClock, speed: 'instant' })
  const key = 'credentials: { apiKey: env:KEY }'
  weir = await startGateway({
    env: { KEY: 'k' },
    config: `
providers:
  chat: { kind: openai-compatible, baseUrl: "${simulated.origin}/v1" }
  messages: { kind: anthropic, baseUrl: "${simulated.origin}", ${key} }
  responses: { kind: openai, baseUrl: "${simulated.origin}/v1", ${key} }
  generate: { kind: gemini, baseUrl: "${simulated.origin}", ${key} }
models:
${upstreams.map((name) => `  ${name}: { targets: [{ provider: ${name}, model: sim-1 }] }`).join('\n')}
`,
  })
  client = new OpenAI({ baseURL: `${weir.gateway.dataOrigin}/v1`, apiKey: weir.key, maxRetries: 0 })
})

afterAll(async () => {
  await weir.close()
  await simulated.close()
})

const models: Readonly<Record<string, (name: string) => Model>> = {
  Responses: (name) => new OpenAIResponsesModel(client, name),
  'chat completions': (name) => new OpenAIChatCompletionsModel(client, name),
}

describe.each(Object.keys(models))('an agent over %s', (api) => {
  it.each(upstreams)('runs to its end with a tool, whole and streamed, with a provider of %s', async (upstream) => {
    for (const isStream of [false, true]) {
      const asked: unknown[] = []
      const weather = tool({
        name: 'weather',
        description: 'Tells the weather.',
        parameters: z.object({ city: z.string(), days: z.number() }),
        execute: (given) => {
          asked.push(given)
          return '12 degrees'
        },
      })
      const model = models[api]?.(upstream)
      if (!model) throw new Error(`there is no ${api}`)
      const agent = new Agent({ name: 'Weatherman', instructions: 'Be brief.', model, tools: [weather] })
      // Its traces would be sent to OpenAI.
      const runner = new Runner({ tracingDisabled: true })
      const before = weir.finished.length
      const { finalOutput, usage } = await (isStream ? streamed(runner, agent) : whole(runner, agent))
      expect(finalOutput).toContain('simulated answer')
      expect(asked).toEqual([{ city: expect.any(String), days: expect.any(Number) }])
      await weir.ended(before + 2)
      const records = weir.finished.slice(before).flatMap((exchange) => exchange.records)
      expect(records.map(({ status, provider }) => [status, provider])).toEqual([
        ['ok', upstream],
        ['ok', upstream],
      ])
      const billed = records.reduce((sum, record) => sum + record.outputText, 0)
      expect(billed).toBeGreaterThan(0)
      expect(usage.outputTokens).toBe(billed)
    }
  })
})

async function whole(runner: Runner, agent: Agent) {
  const { finalOutput, state } = await runner.run(agent, 'Weather in Bonn?')
  return { finalOutput, usage: state.usage }
}

async function streamed(runner: Runner, agent: Agent) {
  const result = await runner.run(agent, 'Weather in Bonn?', { stream: true })
  await result.completed
  return { finalOutput: result.finalOutput, usage: result.state.usage }
}
