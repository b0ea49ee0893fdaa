import { readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixtureConfig, startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { sendBytes } from '../hostile/raw-client.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'
import { turnedClock } from '../turned-clock.ts'
import { message } from './canaries/answers.ts'

const clock = turnedClock()
let upstream: ReplayUpstream
/** Would be asked by whoever fetches what a call only names. */
let bait: Awaited<ReturnType<typeof startBait>>
let weir: RunningGateway

const config = () => `
providers:
  claude: { kind: anthropic, baseUrl: "${upstream.origin}", credentials: { apiKey: env:CLAUDE_KEY } }
  silent: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1" }
  simulated: { kind: simulated, speed: instant }
models:
  claude: { targets: [{ provider: claude, model: c1 }] }
  silent: { targets: [{ provider: silent, model: m1 }] }
  m: { targets: [{ provider: simulated, model: sim-1 }] }
  any/*: { targets: [{ provider: simulated, model: sim-1 }] }
prices: file:prices.yaml
`

const priceFile = (input: string) =>
  `version: "1"\ncheckedAt: "2026-11-01"\nprices: { simulated: { sim-1: { input: "${input}", output: "1" } } }\n`

beforeAll(async () => {
  upstream = await startReplay()
  bait = await startBait()
  weir = await startGateway({
    clock,
    config: config().replace(/prices:.*\n$/, ''),
    env: { CLAUDE_KEY: 'claude-secret' },
  })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
  await bait.close()
})

const ask = (body: object, headers: Record<string, string> = {}) =>
  fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
const hello = (model: string) => ({ model, messages: [{ role: 'user', content: 'hi' }] })

describe('what a call names', () => {
  it('L3 as an address or a key is refused, whatever dialect and however deep', async () => {
    const steered = await ask({ ...hello('m'), extra_body: { options: [{ api_base: bait.origin }] } })
    expect(steered.status).toBe(400)
    expect(await steered.json()).toMatchObject({
      error: { code: 'invalid_request', param: 'extra_body.options.0.api_base' },
    })
    for (const header of ['x-forwarded-host', 'x-weir-base-url', 'x-portkey-custom-host', 'host'])
      expect((await ask(hello('m'), header === 'host' ? {} : { [header]: bait.origin })).status).toBe(200)
    expect(bait.asked()).toBe(0)
  })

  it('L4 as the URL of an image or a file is never fetched, passed on or translated', async () => {
    const urls = [`${bait.origin}/a.png`, bait.origin.replace('127.0.0.1', '[::ffff:127.0.0.1]'), 'file:///etc/passwd']
    for (const url of urls) {
      const content = [
        { type: 'text', text: 'look' },
        { type: 'image_url', image_url: { url } },
      ]
      upstream.answer(message('seen'))
      const translated = await ask({ model: 'claude', messages: [{ role: 'user', content }] })
      expect([200, 400]).toContain(translated.status)
      expect((await ask({ model: 'm', messages: [{ role: 'user', content }] })).status).toBe(200)
    }
    const files = [{ type: 'file', file: { file_data: bait.origin, filename: '../../etc/passwd' } }]
    expect([200, 400]).toContain((await ask({ model: 'm', messages: [{ role: 'user', content: files }] })).status)
    expect(bait.asked()).toBe(0)
  })

  it('L5 as a path reaches no file: not in the URL, the model, the key or the metadata', async () => {
    const before = filesOf(weir.dir)
    const port = Number(new URL(weir.gateway.dataOrigin).port)
    for (const path of [
      '/../../../../etc/passwd',
      '/v1/../../etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/..%2f..%2fetc%2fpasswd',
      '/v1/models/../../../../etc/passwd',
      '//etc/passwd',
      '/\\..\\..\\etc\\passwd',
      '/file:///etc/passwd',
    ]) {
      const answer = await sendBytes(port, Buffer.from(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`))
      // A model of any name is looked up for somebody only.
      expect([path, answer.statuses]).toEqual([path, [path.startsWith('/v1/models/') ? 401 : 404]])
      expect(answer.text).not.toContain('root:')
      const admin = await weir.admin(path.replaceAll('\\', '%5c'))
      expect([path, [400, 404].includes(admin.status)]).toEqual([path, true])
      expect(await admin.text()).not.toContain('root:')
    }
    const climbing = await ask(hello('any/../../../../tmp/weir-was-here'), {
      'x-weir-metadata': '{"../../a":"../../b"}',
    })
    expect(climbing.status).toBe(200)
    expect((await ask(hello('m'), { authorization: 'Bearer ../../../etc/passwd' })).status).toBe(401)
    expect(filesOf(weir.dir)).toEqual(before)
  })
})

describe('what others do', () => {
  it('S7 every time that can run out may run out, many times over, and calls are served as before', async () => {
    upstream.answer({ status: 401, headers: { 'content-type': 'application/json' }, body: Buffer.from('{}') })
    expect((await ask(hello('claude'))).status).toBe(502)
    for (let hours = 0; hours < 48; hours += 1) {
      clock.turn(3_600_000)
      expect((await ask(hello('m'))).status).toBe(200)
    }
    // The credential that the provider refused has rested, and is asked again.
    upstream.answer(message('fine'))
    expect((await ask(hello('claude'))).status).toBe(200)
  })

  it('S8 S9 a database that another holds shut delays no call, and nobody with a key is told 401', async () => {
    const database = new DatabaseSync(join(weir.dir, 'data', 'weir.sqlite'))
    database.exec('BEGIN EXCLUSIVE')
    const silent = Array.from({ length: 20 }, () => {
      upstream.takeOver(() => undefined)
      return new AbortController()
    })
    const hung = silent.map(({ signal }) =>
      fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
        signal,
        method: 'POST',
        headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
        body: JSON.stringify(hello('silent')),
      }).then(
        () => 'answered',
        () => 'gone',
      ),
    )
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(hello('m'))))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect((await ask(hello('m'), { authorization: 'Bearer weir_nobody' })).status).toBe(401)
    for (const controller of silent) controller.abort()
    expect(new Set(await Promise.all(hung))).toEqual(new Set(['gone']))
    database.exec('ROLLBACK')
    database.close()
    const id = answers[0]?.headers.get('x-weir-request-id') ?? ''
    let stored = await weir.admin(`/api/exchanges/${id}`)
    while (stored.status !== 200) {
      // The gateway tries again after a while, by its own clock.
      clock.turn(1_000)
      stored = await weir.admin(`/api/exchanges/${id}`)
    }
    expect(JSON.stringify(await stored.json())).toContain('"status":"ok"')
  })
})

describe('S10 a file that is no good', () => {
  const priceOf = async () => {
    const answer = await ask(hello('m'))
    expect(answer.status).toBe(200)
    return answer.headers.get('x-weir-cost-usd')
  }
  const reload = async (prices: string, settings = config()) => {
    writeFileSync(join(weir.dir, 'prices.yaml'), prices)
    writeFileSync(weir.configFile, fixtureConfig(settings, weir.dir))
    return weir.gateway.reload()
  }

  it('of prices keeps the last good ones, loudly; one that jumps tenfold is taken, and warned of', async () => {
    expect(await reload(priceFile('1'))).toMatchObject({ isTaken: true })
    const cost = await priceOf()
    for (const broken of [
      '',
      '<html>',
      priceFile('-1'),
      priceFile('1e400'),
      `${priceFile('1')}more: 1`,
      'x'.repeat(2 ** 21),
    ]) {
      expect(await reload(broken)).toMatchObject({ isTaken: false, told: expect.stringContaining('prices') })
      expect(await priceOf()).toBe(cost)
    }
    expect(await (await weir.admin('/metrics')).text()).toMatch(
      /^weir_config_reloads_total\{result="refused"\} [6-9]$/m,
    )
    const shown = async () => (await (await weir.admin('/api/config')).json()) as { warnings: readonly string[] }
    expect(JSON.stringify(await shown())).toContain('prices.yaml')
    for (const [price, isWarned] of [
      ['10', false],
      ['100.1', true],
      ['99', false],
      ['0', true],
    ] as const) {
      expect(await reload(priceFile(price))).toMatchObject({ isTaken: true })
      const told = (await shown()).warnings.filter((warning) => /^model "m".*is the unit right\?/.test(warning))
      expect([price, told.length]).toEqual([price, isWarned ? 1 : 0])
    }
    expect(await priceOf()).not.toBe(cost)
  })

  it('of config keeps the last good one: too large, too deep, a bomb of aliases, of another kind', async () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
      .split('')
      .map((name, place) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefg'[place]}`).join()}]`)
      .join('\n')}`
    for (const broken of [`# ${'x'.repeat(2 ** 21)}`, '['.repeat(10_000), bomb, '\0', '']) {
      writeFileSync(weir.configFile, broken)
      expect((await weir.gateway.reload()).isTaken).toBe(false)
      expect((await ask(hello('m'))).status).toBe(200)
    }
  })
})

async function startBait() {
  let asked = 0
  const server = createServer((_incoming, outgoing) => {
    asked += 1
    outgoing.end('root:x:0:0')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

/** Of the gateway's folder and the one above it, without the spool, whose files come and go. */
function filesOf(dir: string): readonly string[] {
  const inside = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => !name.includes('spool'))
  const above = readdirSync(join(dir, '..')).filter((name) => name.includes('weir-was-here'))
  return [...inside, ...above].toSorted()
}
