import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Probes } from '../../src/server/probes.ts'
import { openAdminHouse } from '../admin-house.ts'
import { makeHome, startGatewayProcess } from '../crash/gateway-process.ts'
import { startGateway, fixtureConfig, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'
import { GatewayError } from '../../src/canonical/error.ts'
import { reply } from './canaries/answers.ts'

/*
 * The table "What happens when something is down" of docs/operations.md, row by row: each fault is made, and what the page says is
 * compared with what comes of it.
 */
const knobs = { memoryShare: 0, usualMs: 0, openFiles: 10 }
const probes: Probes = {
  memoryShare: () => knobs.memoryShare,
  loopDelay: () => ({ usualMs: knobs.usualMs, longestMs: 0 }),
  openFiles: () => knobs.openFiles,
  fileLimit: 1_000,
  close: () => undefined,
}

let upstream: ReplayUpstream
let other: ReplayUpstream
let weir: RunningGateway
let dir: string

const config = () => `
providers:
  one: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:ONE } }
  two: { kind: openai-compatible, baseUrl: "${other.origin}/v1" }
  gone: { kind: openai-compatible, baseUrl: "http://127.0.0.1:9/v1" }
  simulated: { kind: simulated, speed: instant, prices: { sim-1: { input: "1", output: "1" } } }
models:
  m: { targets: [{ provider: simulated, model: sim-1 }] }
  unpriced: { targets: [{ provider: simulated, model: sim-2 }] }
  failing: { targets: [{ provider: gone, model: x }, { provider: two, model: x }] }
  lost: { targets: [{ provider: gone, model: x }] }
  refused: { targets: [{ provider: one, model: x }] }
organisations:
  default: {}
  limited: { limits: { few: { requests: 1, per: hour } } }
prices: file:prices.yaml
`
const prices = 'version: "1"\ncheckedAt: "2026-11-01"\nprices: { simulated: { sim-3: { input: "1", output: "1" } } }\n'
const shedding = { server: 'shed: {}' }

beforeAll(async () => {
  upstream = await startReplay()
  other = await startReplay()
  dir = mkdtempSync(join(tmpdir(), 'weir-down-'))
  writeFileSync(join(dir, 'prices.yaml'), prices)
  weir = await startGateway({ dir, config: config(), env: { ONE: 'secret' }, probes, listeners: shedding })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
  await other.close()
  rmSync(dir, { recursive: true, force: true })
})

/** The first three cells of a row, and what makes it true. @returns what a call got. */
interface Row {
  readonly control: string
  readonly down: string
  readonly gets: string
  readonly perform: () => Promise<string>
}

const rows: readonly Row[] = [
  {
    control: 'keys',
    down: 'the database is held by another process',
    gets: '200',
    perform: () =>
      withLockedDatabase(async () => {
        const stranger = await ask('m', 'weir_nobody')
        expect(stranger).toBe('401 unauthenticated')
        return ask('m')
      }),
  },
  {
    control: 'usage records',
    down: 'the database is held by another process',
    gets: '200',
    perform: async () => {
      let id = ''
      const got = await withLockedDatabase(async () => {
        const answer = await send('m')
        id = answer.headers.get('x-weir-request-id') ?? ''
        return outcomeOf(answer)
      })
      while ((await weir.admin(`/api/exchanges/${id}`)).status !== 200) continue
      return got
    },
  },
  {
    control: 'usage records',
    down: 'the disk takes no more',
    gets: '503 store_unavailable',
    perform: onFullDisk,
  },
  {
    control: 'changes of keys and owners',
    down: 'the database cannot be written',
    gets: '503 store_unavailable',
    perform: async () => {
      const down = () => Promise.reject(new GatewayError('store_unavailable'))
      const house = await openAdminHouse((parts) => ({
        ...parts,
        stores: { ...parts.stores, directory: { ...parts.stores.directory, change: down } },
      }))
      const { status, body } = await house.call('POST', '/api/organisations', { name: 'new' })
      expect(JSON.stringify(house.identity().entities)).not.toContain('"new"')
      await house.close()
      return `${status} ${body.error.code}`
    },
  },
  {
    control: 'limits',
    down: 'the gateway was restarted',
    gets: '200',
    perform: async () => {
      const made = await weir.admin('/api/keys', {
        method: 'POST',
        body: JSON.stringify({ name: 'few', organisation: 'limited' }),
      })
      const { key } = (await made.json()) as { key: string }
      expect([await ask('m', key), await ask('m', key)]).toEqual(['200', '429 rate_limited'])
      const { adminKey, key: first } = weir
      await weir.gateway.drain()
      weir = await startGateway({
        dir,
        config: config(),
        env: { ONE: 'secret', WEIR_ADMIN_KEY: adminKey },
        probes,
        listeners: shedding,
      })
      Object.assign(weir, { key: first, admin: adminOf(adminKey) })
      return ask('m', key)
    },
  },
  {
    control: 'failover',
    down: 'the first target',
    gets: '200',
    perform: () => {
      other.answer(reply('from the other'))
      return ask('failing')
    },
  },
  { control: 'failover', down: 'every target', gets: '502 upstream_unavailable', perform: () => ask('lost') },
  {
    control: 'credentials',
    down: 'the provider refuses the only one',
    gets: '502 upstream_credential',
    perform: async () => {
      upstream.answer({ status: 401, headers: { 'content-type': 'application/json' }, body: Buffer.from('{}') })
      const got = await ask('refused')
      expect(await metrics()).toMatch(/^weir_credentials_refused_total\{.*\} [1-9]/m)
      return got
    },
  },
  {
    control: 'config',
    down: 'the file is broken, or gone',
    gets: '200',
    perform: async () => {
      writeFileSync(weir.configFile, 'models: [')
      expect((await weir.gateway.reload()).isTaken).toBe(false)
      renameSync(weir.configFile, `${weir.configFile}.away`)
      expect((await weir.gateway.reload()).isTaken).toBe(false)
      const got = await ask('m')
      writeFileSync(weir.configFile, fixtureConfig(config(), dir, shedding))
      expect((await weir.gateway.reload()).isTaken).toBe(true)
      expect(await metrics()).toMatch(/^weir_config_reloads_total\{result="refused"\} [1-9]/m)
      return got
    },
  },
  {
    control: 'prices',
    down: 'the prices file is broken, or gone',
    gets: '200',
    perform: async () => {
      writeFileSync(join(dir, 'prices.yaml'), '<html>')
      expect((await weir.gateway.reload()).isTaken).toBe(false)
      rmSync(join(dir, 'prices.yaml'))
      expect((await weir.gateway.reload()).isTaken).toBe(false)
      const answer = await send('m')
      expect(answer.headers.get('x-weir-cost-usd')).toMatch(/^0\.\d+/)
      writeFileSync(join(dir, 'prices.yaml'), prices)
      expect((await weir.gateway.reload()).isTaken).toBe(true)
      return outcomeOf(answer)
    },
  },
  {
    control: 'prices',
    down: 'a model has none',
    gets: '200',
    perform: async () => {
      const answer = await send('unpriced')
      expect(answer.headers.get('x-weir-cost-usd')).toBeNull()
      expect(await metrics()).toMatch(/^weir_unpriced_attempts_total\{.*\} [1-9]/m)
      return outcomeOf(answer)
    },
  },
  { control: 'room', down: 'memory is short', gets: '503 overloaded', perform: () => withKnobs({ memoryShare: 0.9 }) },
  {
    control: 'room',
    down: 'file descriptors are short',
    gets: '503 overloaded',
    perform: () => withKnobs({ openFiles: 999 }),
  },
  {
    control: 'room',
    down: 'the event loop is twice as late as it may be',
    gets: '503 overloaded',
    perform: () => withKnobs({ usualMs: 10_000 }),
  },
]

describe('what happens when something is down', () => {
  it.each(rows)('$control: $down', async ({ gets, perform }) => {
    expect(await perform()).toBe(gets)
    // And afterwards all is as it was.
    expect(await ask('m')).toBe('200')
  })

  it('stands in the page, row by row', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../docs/operations.md'), 'utf8')
    const [, section = ''] = /^## When something is down\n([\s\S]*?)^## /m.exec(page) ?? []
    const told = section
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .slice(2)
      .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))
      .map((cells) => cells.slice(1, 4))
    expect(told).toEqual(rows.map(({ control, down, gets }) => [control, down, gets]))
  })
})

function send(model: string, key = weir.key): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
  })
}

async function ask(model: string, key?: string): Promise<string> {
  return outcomeOf(await send(model, key))
}

async function outcomeOf(answer: Response): Promise<string> {
  const { error } = (await answer.json()) as { error?: { code: string } }
  return [answer.status, ...(error ? [error.code] : [])].join(' ')
}

async function metrics(): Promise<string> {
  return (await weir.admin('/metrics')).text()
}

function adminOf(adminKey: string): RunningGateway['admin'] {
  return (path, init) =>
    fetch(`${weir.gateway.adminOrigin}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    })
}

async function withLockedDatabase(perform: () => Promise<string>): Promise<string> {
  const database = new DatabaseSync(join(dir, 'data', 'weir.sqlite'))
  database.exec('BEGIN EXCLUSIVE')
  try {
    return await perform()
  } finally {
    database.exec('ROLLBACK')
    database.close()
  }
}

/** Turns the readings, waits until they are taken, and turns them back. */
async function withKnobs(turned: Partial<typeof knobs>): Promise<string> {
  const calm = { ...knobs }
  const read = async () =>
    [...(await metrics()).matchAll(/^weir_load\{.*\} (\S+)$/gm)].map(([, value]) => Number(value))
  const [value = 0] = Object.values(turned)
  Object.assign(knobs, turned)
  while (!(await read()).includes(value)) continue
  const got = await ask('m')
  Object.assign(knobs, calm)
  while ((await read()).includes(value)) continue
  return got
}

/** In a process of its own, whose files may not grow. */
async function onFullDisk(): Promise<string> {
  const home = makeHome(
    mkdtempSync(join(dir, 'full-')),
    `
providers: { simulated: { kind: simulated, speed: instant } }
models: { m: { targets: [{ provider: simulated, model: sim-1 }] } }
`,
    { ulimit: '-f 2000' },
  )
  const full = await startGatewayProcess(home)
  const call = async () =>
    outcomeOf(
      await fetch(`${full.origin}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${full.firstKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }] }),
      }),
    )
  let got = await call()
  while (got === '200') got = await call()
  full.process.signal('SIGKILL')
  await full.process.ended
  return got
}
