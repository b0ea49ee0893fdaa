import http from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/canonical/clock.ts'
import { startSimulated, type SimulatedServer } from '../../src/providers/simulated/serve.ts'
import { chatCall } from '../crash/calls.ts'
import { makeHome, startGatewayProcess, type GatewayHome, type GatewayProcess } from '../crash/gateway-process.ts'
import { readStore } from '../crash/read-store.ts'
import { sendCall } from '../crash/send.ts'

/** One gateway of four worker processes, with real sockets: the books are the primary's, and the workers ask it. */
const calls = 500
const room = { organisation: 37, team: 23, model: 11 } as const
/** In tokens: much less than the calls would use together. */
const tokens = 20_000
let provider: SimulatedServer
let dir: string
let home: GatewayHome
let weir: GatewayProcess
const agent = new http.Agent({ keepAlive: true })

beforeAll(async () => {
  provider = await startSimulated({ clock: systemClock, speed: 'instant' })
  dir = mkdtempSync(join(tmpdir(), 'weir-budgets-'))
  home = makeHome(dir, config(), { workers: 4 })
  weir = await startGatewayProcess(home)
}, 100_000)

afterAll(async () => {
  weir.process.signal('SIGKILL')
  agent.destroy()
  await provider.close()
  rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
})

describe('500 calls at once to four workers', () => {
  it.each([
    ['an organisation', 'organisation', { organisation: 'counted' }, 'm'],
    ['a team', 'team', { organisation: 'teams', team: 'counted' }, 'm'],
    ['a model', 'model', { organisation: 'teams' }, 'bound'],
  ] as const)('I1: with room for exactly k in the budget of %s, k are admitted', async (_, level, owner, model) => {
    const { statuses, refusals } = await callAll(owner, model)
    expect(statuses).toEqual({ 200: room[level], 429: calls - room[level] })
    expect(refusals).toEqual(new Set(['budget_exceeded']))
  })

  it('I1, I2: with room in tokens for some, no more is spent than there was, and every account is the sum of its records', async () => {
    const { statuses } = await callAll({ organisation: 'measured' }, 'm')
    expect(statuses[200]).toBeGreaterThan(0)
    expect(statuses[429]).toBeGreaterThan(0)
    const { code } = await weir.end('SIGTERM')
    expect(code).toBe(0)
    const { posted, integrity } = readStore(home.dataDir)
    expect(integrity).toBe('ok')
    const spent = [...posted].filter(([accountId]) => accountId.includes('measured')).map(([, amount]) => amount)
    expect(spent).toHaveLength(1)
    expect(Number(spent[0])).toBeLessThanOrEqual(tokens)
    expect([...posted.values()].toSorted((one, other) => Number(one - other)).slice(0, 3)).toEqual([
      BigInt(room.model),
      BigInt(room.team),
      BigInt(room.organisation),
    ])
  })
})

function config(): string {
  return `providers:
  sim: { kind: simulated, baseUrl: "${provider.origin}" }
models:
  m: { targets: [{ provider: sim, model: sim-1?tokens=3 }] }
  bound: { targets: [{ provider: sim, model: sim-1?tokens=3 }], budgets: { all: { calls: ${room.model}, per: total } } }
organisations:
  counted: { budgets: { all: { calls: ${room.organisation}, per: total } } }
  teams: { teams: { counted: { budgets: { all: { calls: ${room.team}, per: total } } } } }
  measured: { budgets: { all: { tokens: ${tokens}, per: total } } }`
}

/** Each call on a connection of its own, so that they come to all workers. */
async function callAll(owner: Readonly<Record<string, string>>, model: string) {
  const made = await fetch(`${weir.adminOrigin}/api/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${weir.adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'k', ...owner }),
  })
  const { key } = (await made.json()) as { readonly key: string }
  const statuses: Record<number, number> = {}
  const refusals = new Set<string | undefined>()
  await Promise.all(
    Array.from({ length: calls }, async () => {
      const { status, problemCode } = await sendCall(chatCall(model, false), { origin: weir.origin, key, agent })
      statuses[status] = (statuses[status] ?? 0) + 1
      if (status === 429) refusals.add(problemCode)
    }),
  )
  return { statuses, refusals }
}
