import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixtureConfig, startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { printed } from '../run-command.ts'

/* A price that changes: the file is watched, records keep what they were priced with, and a time can be priced anew. */

let weir: RunningGateway

const priceFile = (version: string, input: string, output: string) =>
  `version: "${version}"\ncheckedAt: 2026-11-01\nprices: { simulated: { "sim-*": { input: "${input}", output: "${output}" } } }\n`

const config = `
providers:
  simulated: { kind: simulated, speed: instant }
models:
  m: { targets: [{ provider: simulated, model: sim-1 }] }
`

beforeAll(async () => {
  weir = await startGateway({ config })
  writePrices('old', '1', '4')
  writeFileSync(weir.configFile, fixtureConfig(`${config}prices: file:prices.yaml\n`, weir.dir))
  expect((await weir.admin('/api/config/reload', { method: 'POST' })).status).toBe(200)
})
afterAll(() => weir.close())

const writePrices = (version: string, input: string, output: string) =>
  writeFileSync(join(weir.dir, 'prices.yaml'), priceFile(version, input, output))

interface Told {
  readonly records: readonly {
    readonly attempt: number
    readonly costUsd: string
    readonly priceVersion: string
    readonly inputUncached: number
    readonly outputText: number
    readonly decision: { readonly rates?: Readonly<Record<string, string>> } | null
  }[]
  readonly adjustments: readonly { readonly amountUsd: string; readonly detail: object }[]
}
const exchange = async (id: string) => (await (await weir.admin(`/api/exchanges/${id}`)).json()) as Told
const usage = async () =>
  ((await (await weir.admin('/api/usage')).json()) as { totals: { costUsd: string; adjustmentUsd: string } }).totals

async function ask(model: string): Promise<string> {
  const answer = await fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello there' }] }),
  })
  expect(answer.status).toBe(200)
  await answer.text()
  return answer.headers.get('x-weir-request-id') ?? ''
}

const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString()
const rerate = (...more: readonly string[]) =>
  cli('prices', 'rerate', '--from', '2020-01-01', '--until', tomorrow(), ...more)

function cli(...args: readonly string[]): Promise<string> {
  return printed({ adminOrigin: weir.gateway.adminOrigin, adminKey: weir.adminKey }, args)
}

describe('prices over time', () => {
  let first = ''

  it('I17: a record keeps version and rates, whether it is the last of its exchange or not', async () => {
    first = await ask('m')
    const { records, adjustments } = await exchange(first)
    expect(adjustments).toEqual([])
    expect(records).toMatchObject([
      { priceVersion: 'prices-file@old/simulated/sim-*', decision: { rates: { inputUncached: '1', outputText: '4' } } },
    ])
    const [record] = records
    const nanos = 1_000 * (record?.inputUncached ?? 0) + 4_000 * (record?.outputText ?? 0)
    expect(record?.costUsd).toBe((nanos / 1e9).toFixed(9))
  })

  it('a changed prices file takes effect without a reload, and leaves what was recorded', async () => {
    writePrices('new', '2', '4')
    const version = async () => JSON.stringify(await (await weir.admin('/api/models')).json())
    await expect.poll(version, { timeout: 20_000 }).toContain('prices-file@new/simulated/sim-*')
    expect((await exchange(first)).records).toMatchObject([{ priceVersion: 'prices-file@old/simulated/sim-*' }])
    expect((await exchange(await ask('m'))).records).toMatchObject([
      { priceVersion: 'prices-file@new/simulated/sim-*' },
    ])
  })

  it('a time priced anew gets adjusting entries, once; the record stays, the sums tell both', async () => {
    const before = await usage()
    expect(before.adjustmentUsd).toBe('0.000000000')
    const { records } = await exchange(first)
    const inputTokens = records[0]?.inputUncached ?? 0
    const added = (inputTokens / 1e6).toFixed(9)

    expect(await rerate('--dry-run')).toContain(`2 records examined, 1 would be adjusted by ${added} USD`)
    expect(await usage()).toEqual(before)
    expect(await rerate('--model', 'other')).toContain('0 records examined')
    expect(await rerate()).toContain(`2 records examined, 1 adjusted by ${added} USD`)
    expect(await rerate()).toContain('2 records examined, 0 adjusted by 0.000000000 USD')

    const after = await exchange(first)
    expect(after.records).toEqual(records)
    expect(after.adjustments).toMatchObject([
      { amountUsd: added, detail: { price: 'prices-file@new/simulated/sim-*', rates: { inputUncached: '2' } } },
    ])
    expect(await usage()).toMatchObject({
      costUsd: (Number(before.costUsd) + Number(added)).toFixed(9),
      adjustmentUsd: added,
    })
    const audit = JSON.stringify(await (await weir.admin('/api/audit')).json())
    expect(audit.match(/"prices\.rerate"/g)).toHaveLength(1)
    // The file that changed, and not only who asked for a reload.
    expect(audit).toContain('"actor":"file","action":"config.reload"')
  })

  it('by a prices file that the config does not name: in the place of the one of its name', async () => {
    const order = (text: string, name = 'prices.yaml') =>
      weir.admin('/api/prices/rerate', {
        method: 'POST',
        body: JSON.stringify({ from: '2020-01-01', until: tomorrow(), isDryRun: true, prices: { name, text } }),
      })
    const told = (await (await order(priceFile('trial', '0', '0'))).json()) as { models: { afterUsd: string }[] }
    expect(told.models).toMatchObject([{ provider: 'simulated', records: 2, afterUsd: '0.000000000' }])
    const broken = await order(priceFile('trial', '-1', '0'))
    expect(broken.status).toBe(400)
    expect(await broken.text()).toContain('prices.yaml:3')
    for (const name of [weir.configFile, './prices.yaml', 'a\\prices.yaml', 'prices\n.yaml']) {
      const elsewhere = await order(priceFile('trial', '0', '0'), name)
      expect([name, elsewhere.status]).toEqual([name, 400])
      expect(await elsewhere.text()).toContain('prices.name: must be the name of a file without its folder')
    }
  })

  it('the commands show the book, its layers, and what another file or day would change', async () => {
    expect(await cli('prices', 'list')).toMatch(/simulated\/sim-1 +2 +2 +4 +- +- +2026-11-01 +prices-file@new/)
    expect(await cli('prices', 'show', 'simulated/sim-1')).toContain('prices-file@new/simulated/sim-* (decides)')
    expect(await cli('prices', 'show', 'simulated/other')).toContain('simulated/other has no price at ')
    const other = join(weir.dir, 'contract.yaml')
    const later = 'later: [{ from: 2100-01-01, input: "1", output: "4" }]'
    writeFileSync(other, priceFile('contract', '1.5', '400').replace('output: "400"', `output: "400", ${later}`))
    const told = await cli('prices', 'diff', 'now', other)
    expect(told).toMatch(/simulated\/sim-1 +mixed +inputUncached +2 +1\.5 +-25 +prices-file@contract/)
    expect(told).toMatch(/simulated\/sim-1 +mixed +outputText +4 +400 +\+9900 ! /)
    expect(await cli('prices', 'diff', 'now', '2100-01-01')).toBe('nothing costs more or less\n')
    expect(JSON.parse(await cli('prices', 'diff', other, other, '--json'))).toEqual({ items: [] })
  })

  it('a config that was refused for its prices file is taken once that file is mended', async () => {
    const file = join(weir.dir, 'next.yaml')
    writeFileSync(file, priceFile('next', '3', '4').replace('output', 'outptu'))
    writeFileSync(weir.configFile, fixtureConfig(`${config}prices: file:next.yaml\n`, weir.dir))
    const told = async () => JSON.stringify(await (await weir.admin('/api/config')).json())
    await expect.poll(told, { timeout: 20_000 }).toContain('next.yaml:3')
    writeFileSync(file, priceFile('next', '3', '4'))
    const models = async () => JSON.stringify(await (await weir.admin('/api/models')).json())
    await expect.poll(models, { timeout: 20_000 }).toContain('prices-file@next/simulated/sim-*')
  })
})
