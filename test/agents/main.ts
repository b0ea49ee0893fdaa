import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { systemClock } from '../../src/canonical/clock.ts'
import { startSimulated } from '../../src/providers/simulated/serve.ts'
import { startGateway } from '../gateway-fixture.ts'
import { installTools, ran } from '../tool-folder.ts'
import { agents, agentPackages } from './agents.ts'

/**
 * `npm run journeys:agents`: Claude Code and Codex, headless, at a gateway with the simulated provider behind it, reached by each dialect.
 * A model that is made up calls the first tool it is offered and then answers, so that each run is a turn with a tool and a turn
 * without. The two are installed for the run, beside the repository, with a home of their own. Exit code 1 when a run does not end
 * with the provider's answer.
 */
const upstreams = ['messages', 'responses', 'chat', 'generate'] as const
const runTimeoutMs = 120_000

const simulated = await startSimulated({ clock: systemClock, speed: 'instant' })
const key = 'credentials: { apiKey: env:KEY }'
const weir = await startGateway({
  env: { KEY: 'provider-key' },
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
try {
  const tools = await installTools(...agentPackages)
  let failures = 0
  for (const agent of agents)
    for (const upstream of upstreams) {
      const home = mkdtempSync(join(tmpdir(), 'weir-agent-'))
      const before = weir.finished.length
      const { program, words, env } = agent.run({
        origin: weir.gateway.dataOrigin,
        apiKey: weir.key,
        modelName: upstream,
        home,
      })
      const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter)
      const { code, output } = await ran(join(tools.dir, 'node_modules', program), words, {
        cwd: home,
        timeoutMs: runTimeoutMs,
        env: { PATH: path, HOME: home, ...env },
      })
      rmSync(home, { recursive: true, force: true })
      const records = weir.finished.slice(before).flatMap((exchange) => exchange.records)
      const isGood = code === 0 && output.includes('This is a simulated answer') && records.length > 1
      const statuses = [...Map.groupBy(records, ({ status }) => status)].map(
        ([status, list]) => `${list.length} ${status}`,
      )
      console.log(
        `${isGood ? 'ok    ' : 'FAILED'} ${agent.name} with ${upstream} behind: exit ${code}, records: ${statuses.join(', ')}`,
      )
      if (isGood) continue
      failures += 1
      console.log(output.slice(-3_000))
    }
  console.log(
    `${agents.length * upstreams.length - failures} of ${agents.length * upstreams.length} runs came to their answer`,
  )
  process.exitCode = failures > 0 ? 1 : 0
} finally {
  await weir.close()
  await simulated.close()
}
