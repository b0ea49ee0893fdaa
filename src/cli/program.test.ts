import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAdminHouse, type AdminHouse } from '../../test/admin-house.ts'
import { serveAdmin, type AdminListener } from '../admin/serve-admin.ts'
import { parseKey } from '../canonical/key-form.ts'
import { openKeyHasher } from '../policies/identity/key.ts'
import { loadPepper } from '../policies/identity/pepper.ts'
import { sampleRecord } from '../stores/laws/sample-records.ts'
import { clientCommands, runProgram } from './program.ts'

let house: AdminHouse
let listener: AdminListener
const folder = mkdtempSync(join(tmpdir(), 'weir-cli-'))

beforeAll(async () => {
  house = await openAdminHouse()
  listener = await serveAdmin(house.app, { host: '127.0.0.1', port: 0 })
  const startedAtMs = house.clock.nowMs() - 3_600_000
  const { usage } = house.stores
  usage.append(
    sampleRecord({
      requestId: 'req_1',
      startedAtMs,
      costNanos: 12_345_678_901n,
      inputUncached: 1_234_567,
      decision: JSON.stringify({
        problem: { message: 'no room', param: 'model', facts: { budget: 'monthly', resets_at: null } },
        strategy: 'priority',
        passedOver: [{ target: 'local/l\u001b[2J', reason: 'lacks tools' }],
        limits: [
          { limit: 'burst', level: 'team acme/search', unit: 'requests', per: 'minute', max: 10, before: 3, after: 4 },
        ],
        rates: { inputUncached: '10' },
      }),
    }),
  )
  usage.append(
    sampleRecord({ requestId: 'req_2', startedAtMs, team: undefined, costNanos: undefined, priceVersion: undefined }),
  )
  usage.append(sampleRecord({ requestId: 'req_3', startedAtMs, team: '\u001b[31mred\u202e', costNanos: 5n }))
  await usage.written()
})
afterAll(async () => {
  await listener.close()
  await house.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function weir(
  args: readonly string[],
  around: { env?: Record<string, string | undefined>; input?: string } = {},
): Promise<Ran> {
  let out = ''
  let err = ''
  const output = { write: (text: string) => void (out += text), error: (text: string) => void (err += text) }
  const program = new Command('weir').version('1.2.3')
  clientCommands(program, output, {
    env: { WEIR_ADMIN_URL: listener.origin, WEIR_ADMIN_KEY: house.adminKey, ...around.env },
    readInput: () => Promise.resolve(around.input ?? ''),
  })
  return { code: await runProgram(program, args, output), out, err }
}

const apiText = async (path: string) => (await house.call('GET', path)).text

const create = (...more: string[]) => weir(['keys', 'create', 'e', '--organisation', 'fixed', ...more])

describe('weir keys', () => {
  it('create prints the key alone on stdout, and what to know beside it on stderr', async () => {
    const { code, out, err } = await weir([
      'keys',
      'create',
      'ci',
      '--organisation',
      'fixed',
      '--team',
      'core',
      '--project',
      'site',
      '--model',
      'smart',
      '--model',
      'sm*',
    ])
    expect(code).toBe(0)
    const id = parseKey(out.trimEnd())?.id
    expect(id).toBeDefined()
    expect(err).toBe(`key ${id} of fixed/core/site, until 2027-02-21T12:00:00.000Z; shown this once: keep it now\n`)
    expect(house.identity().keyByHash(house.hashOf(out.trimEnd()))?.entry.models).toEqual(['smart', 'sm*'])
    const list = await weir(['keys', 'list'])
    expect(list.out).not.toContain(out.trimEnd())
    expect(list.out).toMatch(new RegExp(`^${id} +ci +fixed/core/site +smart sm\\* +\\w{4} +active +2027-02-21`, 'm'))
  })

  it('create takes an expiry in three ways, but one at a time', async () => {
    expect((await create('--no-expiry')).err).toMatch(/without end/)
    expect((await create('--expires-in-days', '7')).err).toMatch(/until 2026-11-30T12/)
    expect((await create('--expires-at', '2026-12-24T09:00:00Z')).err).toMatch(/until 2026-12-24T09/)
    expect((await create('--expires-at', '2026-12-24')).err).toMatch(/until 2026-12-24T00:00:00/)
    expect(await create('--expires-at', 'tomorrow')).toMatchObject({ code: 2, err: expect.stringMatching(/or a day/) })
    expect(await create('--expires-at', '2026-02-30')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/must be a moment/),
    })
    expect((await create('--expires-in-days', '0')).code).toBe(2)
    expect(await create('--no-expiry', '--expires-in-days', '7')).toMatchObject({ code: 2, out: '' })
    expect(await create('--expires-in-days', 'x')).toMatchObject({ code: 2, out: '' })
  })

  it('revoke and rotate', async () => {
    const made = JSON.parse((await weir(['keys', 'create', 'r', '--organisation', 'fixed', '--json'])).out)
    const rotated = await weir(['keys', 'rotate', made.id, '--overlap-seconds', '60'])
    expect(parseKey(rotated.out.trimEnd())).toBeDefined()
    expect(rotated.err).toMatch(new RegExp(`key ${made.id} ends on 2026-11-23T12:01:00.000Z`))
    const revoked = await weir(['keys', 'revoke', made.id])
    expect(revoked.out).toBe(`key ${made.id} (r) is revoked since 2026-11-23T12:00:00.000Z\n`)
    expect(await weir(['keys', 'rotate', made.id])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/is revoked/),
    })
    const found = await weir(['keys', 'revoke', rotated.out.trimEnd()])
    expect(found.out).toMatch(/^key \w{10} \(r\) is revoked since /)
    expect(await weir(['keys', 'revoke', '../teams'])).toMatchObject({ code: 1, err: expect.stringMatching(/no key/) })
    const configured = await weir(['keys', 'revoke', 'config/fixed/core/ci'])
    expect(configured).toMatchObject({ code: 1, err: expect.stringMatching(/config file/) })
  })

  it('a list that was cut says so, and can be continued', async () => {
    const first = await weir(['keys', 'list', '--limit', '1'])
    const after = /there are more: --after (\S+)/.exec(first.out)?.[1]
    expect(after).toBeDefined()
    const rest = await weir(['keys', 'list', '--after', String(after)])
    expect(rest.out).not.toMatch(/there are more/)
    expect(rest.out).not.toContain(String(after))
  })

  it('hash works without a gateway: with the pepper of the data directory, from stdin or for a new key', async () => {
    const env = { WEIR_DATA_DIR: join(folder, 'data'), WEIR_ADMIN_KEY: undefined, WEIR_ADMIN_URL: 'http://127.0.0.1:1' }
    const made = await weir(['keys', 'hash', '--new'], { env })
    expect(made.code).toBe(0)
    expect(made.err).toMatch(/there was no pepper in .*data, so one was made/)
    const [, key = '', hash] = /^key {3}(weir_\S+)\nhash {2}(hmac:[0-9a-f]{64})\n$/.exec(made.out) ?? []
    expect(statSync(join(folder, 'data', 'pepper')).mode & 0o077).toBe(0)
    const again = await weir(['keys', 'hash'], { env, input: `${key}\n` })
    expect(again).toEqual({ code: 0, out: `${hash}\n`, err: '' })
    const hashOf = openKeyHasher(loadPepper({ env: {}, dataDir: join(folder, 'data') }))
    expect(hash).toBe(`hmac:${hashOf(key)}`)
  })

  it('nothing is asked where certificates would not be checked', async () => {
    expect(await weir(['keys', 'list'], { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } })).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/NODE_TLS_REJECT_UNAUTHORIZED is 0.*unset it/),
    })
  })

  it('hash refuses what is no key, without repeating it, and a pepper that cannot be used', async () => {
    const env = { WEIR_DATA_DIR: join(folder, 'data') }
    const wrong = await weir(['keys', 'hash'], { env, input: 'sk-secret-of-a-provider' })
    expect(wrong).toMatchObject({ code: 1, out: '' })
    expect(wrong.err).not.toContain('sk-secret')
    expect(await weir(['keys', 'hash'], { env: { ...env, WEIR_PEPPER: 'short' } })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/WEIR_PEPPER is too short/),
    })
    expect(await weir(['keys', 'hash'], { env: { WEIR_DATA_DIR: '' } })).toMatchObject({
      code: 2,
      err: expect.stringMatching(/WEIR_DATA_DIR is set but empty/),
    })
    const notDir = join(folder, 'data', 'pepper')
    expect((await weir(['keys', 'hash', '--data-dir', notDir])).err).toMatch(/cannot be used/)
  })
})

describe('weir usage', () => {
  it('is a table with its numbers on the right, a total, and a mark where a price is missing', async () => {
    const { code, out } = await weir(['usage', '--by', 'team', '--since', '1d'])
    expect(code).toBe(0)
    expect(out).toBe(
      [
        'from 2026-11-22T12:00:00.000Z to 2026-11-23T12:00:00.000Z',
        '',
        'TEAM       REQUESTS  ATTEMPTS  INPUT TOKENS  OUTPUT TOKENS      COST USD',
        'search            1         1     1,234,567            321  12.345678901',
        '\ufffd[31mred\ufffd         1         1         1,500            321   0.000000005',
        '-                 1         1         1,500            321       unknown *',
        '---------  --------  --------  ------------  -------------  --------------',
        'total             3         3     1,237,567            963  12.345678906 *',
        '',
        '* short of 1 attempt without a price: `weir models` shows which models have none',
        '',
      ].join('\n'),
    )
  })

  it('without groups is the total alone', async () => {
    const { out } = await weir(['usage'])
    expect(out.split('\n')).toHaveLength(8)
    expect(out).toMatch(/3 +3 +1,237,567 +963 +12\.345678906 \*/)
  })

  it('shows pictures, searches and the like where there are any', async () => {
    const startedAtMs = Date.parse('2026-10-01T12:00:00Z')
    const counted = { inputUncached: 0, outputText: 0, images: 3, characters: 4_096, costNanos: 120_000_000n }
    house.stores.usage.append(sampleRecord({ requestId: 'req_drawn', startedAtMs, ...counted }))
    await house.stores.usage.written()
    const { out } = await weir(['usage', '--from', '2026-10-01', '--to', '2026-10-02'])
    expect(out).toContain('OUTPUT TOKENS  IMAGES  CHARACTERS     COST USD')
    expect(out).toMatch(/ 0 +0 +3 +4,096 +0\.120000000/)
    expect(out).not.toContain('SEARCHES')
  })

  it('--json and --csv print exactly what the API says', async () => {
    const path = '/api/usage?by=team%2Cmodel&since=1d&status=ok'
    const args = ['usage', '--by', 'team,model', '--since', '1d', '--where', 'status=ok']
    expect((await weir([...args, '--json'])).out).toBe(`${await apiText(path)}\n`)
    expect((await weir([...args, '--csv'])).out).toBe(await apiText(`${path}&format=csv`))
    expect((await weir([...args, '--csv', '--json'])).code).toBe(2)
  })

  it('--by and --where take labels, in their own spelling', async () => {
    const startedAtMs = Date.parse('2026-10-05T12:00:00Z')
    const metadata = JSON.stringify({ Ticket: 'ABC-1', 'a=b': 'c=d', empty: '' })
    house.stores.usage.append(sampleRecord({ requestId: 'req_labelled', startedAtMs, metadata, costNanos: 1n }))
    await house.stores.usage.written()
    const day = ['usage', '--from', '2026-10-05', '--to', '2026-10-06']
    const { out } = await weir([...day, '--by', 'metadata.Ticket,endUser', '--where', 'metadata.a\\=b=c=d'])
    expect(out).toMatch(/\nmetadata\.Ticket +ENDUSER +REQUESTS/)
    expect(out).toMatch(/\nABC-1 +user-1234 +1 +1 /)
    expect((await weir([...day, '--where', 'metadata.Ticket=other'])).out).toMatch(/\ntotal +0 |\n +0 +0 /)
    expect((await weir([...day, '--where', 'metadata.empty='])).out).toMatch(/\n +1 +1 /)
  })

  it.each([
    ['--where', 'team'],
    ['--where', 'team='],
    ['--where', 'metadata.a'],
    ['--where', 'metadata.=x'],
    ['--where', 'format=csv'],
    ['--where', 'team=a', '--where', 'team=b'],
    ['--unknown'],
    ['surplus'],
  ])('%s %s is wrong usage', async (...args) => {
    expect(await weir(['usage', ...args])).toMatchObject({ code: 2, out: '' })
  })

  it('what only the gateway can check is wrong usage too, told in its words', async () => {
    expect(await weir(['usage', '--by', 'tem'])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/^weir: by: must be/),
    })
    for (const wrong of [
      ['usage', '--since', '7x'],
      ['usage', '--from', '2026-02-30'],
      ['prices', 'diff', 'now', '2026-13-01'],
      ['keys', 'list', '--limit', '0'],
    ])
      expect([wrong, (await weir(wrong)).code]).toEqual([wrong, 2])
  })

  it('--where names what can be counted alone', async () => {
    expect(await weir(['usage', '--where', 'tem=x'])).toEqual({
      code: 2,
      out: '',
      err: 'weir: --where knows no "tem": say organisation, team, project, user, agent, key, model, provider, status, usageSource, endUser, run, metadata.NAME\n',
    })
  })
})

describe('weir usage records', () => {
  const span = ['--from', '2026-10-10', '--to', '2026-10-11']
  const count = 1_003
  beforeAll(async () => {
    const startedAtMs = Date.parse('2026-10-10T09:00:00Z')
    for (let place = 0; place < count; place += 1)
      house.stores.usage.append(
        sampleRecord({
          requestId: `req_many_${String(place).padStart(4, '0')}`,
          startedAtMs: startedAtMs + place,
          costNanos: place === 1 ? undefined : 1n,
          team: place === 2 ? '\u001b[31mred' : 'many',
          metadata: place === 3 ? '{"ticket":"ABC-1"}' : '{}',
        }),
      )
    await house.stores.usage.written()
  })

  it('go through every page, and end with what they come to', async () => {
    const { code, out } = await weir(['usage', 'records', ...span])
    expect(code).toBe(0)
    const lines = out.split('\n')
    expect(lines.filter((line) => line.startsWith('2026-10-10T'))).toHaveLength(count)
    expect(lines[1]).toMatch(
      /^2026-10-10T09:00:00\.000Z +req_many_0000 +1 +acme\/many\/crawler +smart +openai +ok +0\.000000001$/,
    )
    expect(lines[2]).toMatch(/ unknown$/)
    expect(out).not.toContain('\u001b')
    expect(lines.filter((line) => line.startsWith('STARTED AT'))).toHaveLength(2)
    expect(out).toMatch(/\n1,003 records, 1 of them without a price: 0\.000001002 USD\n$/)
    expect((await weir(['usage', 'records', ...span, '--where', 'metadata.ticket=ABC-1'])).out).toMatch(
      /\n1 record: 0\.000000001 USD\n$/,
    )
    expect((await weir(['usage', 'records', ...span, '--where', 'team=none'])).out).toBe('0 records: 0.000000000 USD\n')
  })

  it('--csv prints exactly what the API says, and --json each of its pages on a line', async () => {
    const query = 'from=2026-10-10&to=2026-10-11&team=many'
    const args = ['usage', 'records', ...span, '--where', 'team=many']
    const csv = await apiText(`/api/usage/records?${query}&format=csv`)
    // A difference would be a thousand lines long.
    expect((await weir([...args, '--csv'])).out === csv).toBe(true)
    expect(csv.split('\r\n')).toHaveLength(count + 1)
    const [first, last, none] = (await weir([...args, '--json'])).out.split('\n')
    expect(none).toBe('')
    expect(first === (await apiText(`/api/usage/records?${query}&limit=1000`))).toBe(true)
    const { items, nextAfter } = JSON.parse(last ?? '')
    expect([items.length, nextAfter]).toEqual([count - 1_001, null])
  })

  it('what was asked of the sums is not passed over', async () => {
    for (const wrong of [
      ['usage', '--json', 'records'],
      ['usage', '--from', '2026-10-10', 'records'],
      ['usage', 'records', '--by', 'team'],
      ['usage', 'records', '--csv', '--json'],
      ['usage', 'records', '--where', 'format=csv'],
      ['usage', 'records', 'surplus'],
      ['usage', 'surplus'],
    ])
      expect([wrong, await weir(wrong)]).toMatchObject([wrong, { code: 2, out: '' }])
    expect((await weir(['usage', '--json', 'records'])).err).toContain('stand behind `records`')
  })

  it('says so where the answer breaks off', async () => {
    let pages = 0
    const failing = await openAdminHouse((parts) => {
      const page: typeof parts.stores.usage.page = ({ limit }) => {
        pages += 1
        if (pages > 2) return Promise.reject(new Error('the disk is gone'))
        const records = Array.from({ length: limit }, () => ({
          record: sampleRecord(),
          reratedNanos: undefined,
          isResolved: false,
        }))
        return Promise.resolve({ records, next: sampleRecord() })
      }
      return { ...parts, stores: { ...parts.stores, usage: { ...parts.stores.usage, page } } }
    })
    const served = await serveAdmin(failing.app, { host: '127.0.0.1', port: 0 })
    const env = { WEIR_ADMIN_URL: served.origin, WEIR_ADMIN_KEY: failing.adminKey }
    const csv = await weir(['usage', 'records', '--csv'], { env })
    expect(csv.code).toBe(1)
    expect(csv.out).toMatch(/^adjustedCostUsd,/)
    expect(csv.err).toMatch(/^weir: the answer of http:\S+ broke off \(\w+\): what was printed is not all\n$/)
    await served.close()
    await failing.close()
  })
})

describe('weir audit', () => {
  it('lists changes and verifies the chain', async () => {
    await weir(['orgs', 'create', 'audited'])
    expect((await weir(['audit', 'list'])).out).toMatch(
      /admin +organisation\.create +organisation audited +\{"models":null\}/,
    )
    expect(await weir(['audit', 'verify'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^intact: \d+ entries/),
    })
  })

  it('verify exits 1 when the chain is broken, with --json too', async () => {
    const broken = await openAdminHouse((parts) => ({
      ...parts,
      stores: {
        ...parts.stores,
        audit: {
          ...parts.stores.audit,
          verify: () => Promise.resolve({ isIntact: false, brokenAtSequence: 7, reason: 'its hash does not fit' }),
        },
      },
    }))
    const served = await serveAdmin(broken.app, { host: '127.0.0.1', port: 0 })
    const env = { WEIR_ADMIN_URL: served.origin, WEIR_ADMIN_KEY: broken.adminKey }
    expect(await weir(['audit', 'verify'], { env })).toEqual({
      code: 1,
      out: '',
      err: 'weir: the audit log is broken at entry 7: its hash does not fit\n',
    })
    const inJson = await weir(['audit', 'verify', '--json'], { env })
    expect([inJson.code, JSON.parse(inJson.out)]).toEqual([
      1,
      { isIntact: false, brokenAtSequence: 7, reason: 'its hash does not fit' },
    ])
    await served.close()
    await broken.close()
  })
})

describe('weir orgs, teams, projects, users, agents', () => {
  it('create, list, set models, remove', async () => {
    expect((await weir(['orgs', 'create', 'acme'])).out).toBe('created organisation acme\n')
    expect((await weir(['teams', 'create', 'web', '--organisation', 'acme', '--model', 'smart'])).out).toBe(
      'created team acme/web\n',
    )
    const place = ['--organisation', 'acme', '--team', 'web']
    expect((await weir(['projects', 'create', 'shop', ...place])).out).toBe('created project acme/web/shop\n')
    expect((await weir(['users', 'create', 'ada', '--organisation', 'acme'])).out).toBe('created user acme/ada\n')
    expect((await weir(['agents', 'create', 'bot', '--organisation', 'acme'])).out).toBe('created agent acme/bot\n')
    expect((await weir(['teams', 'list', '--organisation', 'acme'])).out).toMatch(/^team acme\/web +smart +api +2026/m)
    expect((await weir(['organisations', 'list'])).out).toMatch(/^organisation fixed +- +config +-$/m)
    expect((await weir(['teams', 'set-models', 'web', '--organisation', 'acme', '--inherit'])).out).toBe(
      'team acme/web allows what the levels above allow\n',
    )
    expect((await weir(['projects', 'set-models', 'shop', ...place, '--model', 'smart', '--model', 's*'])).out).toBe(
      'project acme/web/shop allows smart s*\n',
    )
    expect(await weir(['projects', 'set-models', 'shop', ...place, '--model', 'smrt'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('models[0]: "smrt" meets no entry of `models`; did you mean "smart"?'),
    })
    expect(await weir(['teams', 'remove', 'web', '--organisation', 'acme'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/still has 1 owner/),
    })
    expect((await weir(['projects', 'remove', 'shop', ...place])).out).toBe('removed project acme/web/shop\n')
  })

  it('names that would be another path, and missing owners, are wrong usage', async () => {
    expect((await weir(['orgs', 'remove', '../keys'])).code).toBe(2)
    expect((await weir(['teams', 'create', 'x'])).code).toBe(2)
    expect((await weir(['teams', 'set-models', 'x', '--organisation', 'acme'])).code).toBe(2)
    expect((await weir(['projects', 'create', 'x', '--organisation', 'a/b', '--team', 'c'])).code).toBe(2)
  })
})

describe('the other commands', () => {
  it('models marks what has no price', async () => {
    const { out } = await weir(['models'])
    expect(out).toMatch(/^smart +priority +openai +gpt-5\.2 +1 +genai-prices@/m)
    expect(out).toMatch(/^ +local +llama +2 +UNPRICED$/m)
  })

  it('providers tells health, refused credentials and the network', async () => {
    expect((await weir(['providers'])).out).toMatch(
      /^openai +openai +https:\/\/api\.openai\.com +5 +2 +1 +2026.* upstream_timeout +gpt-5\.2 open 4s +1, refused by the provider: openai\/0 +proxy http:\/\/proxy\.example:3128, trusts own authorities, client certificate$/m,
    )
  })

  it('limits shows each account with a bar, the fullest first', async () => {
    expect((await weir(['limits'])).out).toBe(
      [
        'LEVEL             LIMIT    ALLOWS                  FOR                  USED                                WAITING  EMPTY AT',
        'team acme/search  burst    10 requests per minute  -                       0  [--------------------]   0 %        0  -',
        'team acme/search  perUser  4 requests per minute   endUser fixed/ada       3  [###############-----]  75 %        2  2026-11-23T12:01:01.000Z',
        'team acme/search  perUser  4 requests per minute   endUser fixed/grace     1  [#####---------------]  25 %        0  2026-11-23T12:00:07.000Z',
        '',
      ].join('\n'),
    )
    expect((await weir(['limits', '--level', 'team nobody'])).out).toMatch(/^LEVEL[^\n]*\n$/)
  })

  it('set-tags and --require set the tags that a target must have, and --none takes them away', async () => {
    const place = ['--organisation', 'fixed']
    await weir(['teams', 'create', 'careful', ...place, '--require', 'region:eu'])
    const tagged = () => house.identity().entities.find(({ entity }) => entity.name === 'careful')?.entity.require
    expect(tagged()).toEqual(['region:eu'])
    const both = ['--require', 'region:eu', '--require', 'self-hosted']
    expect((await weir(['teams', 'set-tags', 'careful', ...place, ...both])).out).toBe(
      'team fixed/careful requires region:eu self-hosted\n',
    )
    expect((await weir(['teams', 'set-tags', 'careful', ...place, '--none'])).out).toBe(
      'team fixed/careful requires what the levels above require\n',
    )
    expect(tagged()).toBeUndefined()
    expect((await weir(['teams', 'set-tags', 'careful', ...place])).code).toBe(2)
    expect((await weir(['teams', 'set-tags', 'careful', ...place, '--require', 'No Tag'])).code).not.toBe(0)
    await create('--require', 'self-hosted')
    expect(house.identity().keys.at(-1)?.requiredTags.at(-1)).toEqual({ level: 'key e', tags: ['self-hosted'] })
  })

  it('set-limits and --limit-to set the simple limits, and --none takes them away', async () => {
    const limits = ['--limit-to', 'burst=600/minute', '--limit-to', 'volume=1000000:tokens/day', '--limit-to', 'par=20']
    const place = ['--organisation', 'fixed']
    await weir(['teams', 'create', 'capped', ...place, '--limit-to', 'read=5:inputTokens/hour'])
    expect((await weir(['teams', 'set-limits', 'capped', ...place, ...limits])).out).toBe(
      'team fixed/capped is limited to burst=600/minute volume=1000000:tokens/day par=20\n',
    )
    expect(house.identity().entities.find(({ entity }) => entity.name === 'capped')?.entity.limits).toEqual({
      burst: { requests: 600, per: 'minute' },
      volume: { tokens: 1_000_000, per: 'day' },
      par: { concurrent: 20 },
    })
    expect((await weir(['teams', 'set-limits', 'capped', ...place, '--none'])).out).toBe(
      'team fixed/capped is limited to what the levels above allow\n',
    )
    expect((await weir(['teams', 'set-limits', 'capped', ...place])).code).toBe(2)
    for (const wrong of ['burst', 'burst=', 'burst=x/minute', 'burst=1/week', '../x=1', 'par=20:tokens'])
      expect((await weir(['teams', 'set-limits', 'capped', ...place, '--limit-to', wrong])).code).toBe(2)
    expect(
      await weir(['teams', 'set-limits', 'capped', ...place, '--limit-to', 'b=1/day', '--limit-to', 'b=2']),
    ).toMatchObject({ code: 2, err: expect.stringContaining('Give "b" once.') })
    await create('--limit-to', 'own=3')
    expect(house.identity().keys.at(-1)?.entry.limits).toEqual({ own: { concurrent: 3 } })
  })

  it('set-budgets and --budget set the simple budgets, and --none takes them away', async () => {
    const place = ['--organisation', 'fixed']
    await weir(['teams', 'create', 'paying', ...place, '--budget', 'trial=50:calls'])
    const budgets = ['--budget', 'monthly=500/month', '--budget', 'cents=0.25:usd/day', '--budget', 'v=9:tokens/hour']
    expect((await weir(['teams', 'set-budgets', 'paying', ...place, ...budgets])).out).toBe(
      'team fixed/paying may spend monthly=500/month cents=0.25/day v=9:tokens/hour\n',
    )
    const kept = () => house.identity().entities.find(({ entity }) => entity.name === 'paying')?.entity.budgets
    expect(kept()).toEqual({
      monthly: { usd: '500', per: 'month' },
      cents: { usd: '0.25', per: 'day' },
      v: { tokens: 9, per: 'hour' },
    })
    expect((await weir(['budgets', '--team', 'paying'])).out).toMatch(/^team fixed\/paying\/cents +day +- +USD +0\.00/m)
    expect((await weir(['teams', 'set-budgets', 'paying', ...place, '--none'])).out).toBe(
      'team fixed/paying may spend what the levels above allow\n',
    )
    expect(kept()).toBeUndefined()
    expect((await weir(['teams', 'set-budgets', 'paying', ...place])).code).toBe(2)
    for (const wrong of ['m', 'm=', 'm=x', 'm=1/fortnight', '../x=1', 'm=1.5:tokens', 'm=1:euros', 'm=1.2.3', '=5'])
      expect((await weir(['teams', 'set-budgets', 'paying', ...place, '--budget', wrong])).code).toBe(2)
    expect(
      await weir(['teams', 'set-budgets', 'paying', ...place, '--budget', 'm=5/day', '--budget', 'm=7/month']),
    ).toMatchObject({ code: 2, err: expect.stringContaining('Give "m" once.') })
    await create('--budget', 'own=3')
    expect(house.identity().keys.at(-1)?.entry.budgets).toEqual({ own: { usd: '3', per: 'total' } })
  })

  it('set-timezone says where the days of an organisation begin', async () => {
    await weir(['orgs', 'create', 'berlin'])
    expect((await weir(['orgs', 'set-timezone', 'berlin', '--timezone', 'Europe/Berlin'])).out).toBe(
      'the days of organisation berlin begin in Europe/Berlin\n',
    )
    expect((await weir(['orgs', 'set-timezone', 'berlin', '--timezone', 'Berlin'])).err).toContain('is no time zone')
    expect((await weir(['orgs', 'set-timezone', 'berlin', '--none'])).out).toBe(
      'the days of organisation berlin begin in UTC\n',
    )
    expect((await weir(['orgs', 'set-timezone', 'berlin'])).code).toBe(2)
  })

  it('config show and reload; a broken file exits 1 with its problem', async () => {
    expect((await weir(['config', 'show'])).out).toMatch(
      /weir\.yaml: version a1b2c3d4e5f6, loaded .*\nwarning {2}model "local"/,
    )
    expect((await weir(['config', 'reload'])).out).toBe('version a1b2c3d4e5f6 is in force\n')
    house.reloadOutcome = { isTaken: false, problem: 'weir.yaml:1:1  unknown key\nweir.yaml:2:1  \u001b[2Jmore' }
    const refused = await weir(['config', 'reload'])
    expect(refused).toMatchObject({ code: 1, out: '' })
    expect(refused.err).toMatch(/\nweir\.yaml:1:1 {2}unknown key\nweir\.yaml:2:1 {2}\ufffd\[2Jmore\n$/)
  })

  it('exchange tells what each attempt used, and the decision whole; an unknown cost is never 0', async () => {
    const known = await weir(['exchange', 'req_1'])
    expect(known.out).toMatch(/^costUsd +12\.345678901$/m)
    expect(known.out).toMatch(/^metadata +\{"env":"production"\}$/m)
    expect(known.out).toContain(`
decision by priority
  refused
    no room
    at fault: model
    budget: monthly
    resets_at: -
  candidates
    openai/gpt-5.2: first by priority
  passed over
    local/l\ufffd[2J: lacks tools
  limits
    team acme/search, burst: 3 to 4 of 10 requests per minute
  attempts
    1  openai/gpt-5.2 with openai/0 (first by priority) at 0 ms, first byte after 321.3 ms, ok after 1234.5 ms
  cost of attempt 1, genai-prices@0.1.8/openai/gpt-5.2
    inputUncached: 1234567 x 10 USD per million = 12345670000 nano-dollars
    in all 12.345678901 USD
`)
    expect((await weir(['exchange', 'req_2'])).out).toMatch(/^costUsd +unknown: no price$/m)
    expect(await weir(['exchange', 'req_none'])).toMatchObject({ code: 1, err: expect.stringMatching(/No exchange/) })
  })

  it.each([
    [['keys', 'list'], '/api/keys?limit=1000'],
    [['models'], '/api/models'],
    [['providers'], '/api/providers'],
    [['limits'], '/api/limits?limit=1000'],
    [['teams', 'list'], '/api/teams?limit=1000'],
    [['config', 'show'], '/api/config'],
    [['audit', 'list'], '/api/audit?limit=1000'],
    [['audit', 'verify'], '/api/audit/verify'],
    [['exchange', 'req_1'], '/api/exchanges/req_1'],
  ])('%s --json prints exactly the JSON of the API', async (args, path) => {
    expect((await weir([...args, '--json'])).out).toBe(`${await apiText(path)}\n`)
  })
})

describe('weir guard evaluate', () => {
  const evaluated = (text: string, ...more: readonly string[]) => {
    const file = join(folder, 'set.jsonl')
    writeFileSync(file, text)
    return weir(['guard', 'evaluate', file, ...more])
  }

  it.each([
    [
      'no JSON',
      'my number is 0151-23456789',
      /^weir: \S+set\.jsonl:2: this line is no JSON; write one object a line\n$/,
    ],
    [
      'no row',
      '{"set":"0151-23456789","label":1,"kind":"x"}',
      /set\.jsonl:2: this line is no row of a set; set: Invalid/,
    ],
  ])('names the line that is %s, and shows nothing of it', async (_what, line, words) => {
    const ran = await evaluated(`{"set":"pii","label":0,"kind":"x","text":"hello"}\n${line}\n`)
    expect(ran).toMatchObject({ code: 1, out: '', err: expect.stringMatching(words) })
    expect(ran.err).not.toContain('0151')
  })

  it('--find of a kind that is not known is wrong usage', async () => {
    expect(await evaluated('', '--find', 'nope')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/knows no "nope"/),
    })
  })
})

/** How a command that needs the gateway fails. */
const told = async (env: Record<string, string | undefined>) => {
  const { code, out, err } = await weir(['models'], { env })
  expect(out).toBe('')
  return [code, err] as const
}

describe('what stands in the way of a call', () => {
  it('is told in one sentence: no key, another key, no gateway, something else', async () => {
    expect(await told({ WEIR_ADMIN_KEY: undefined })).toEqual([2, expect.stringMatching(/WEIR_ADMIN_KEY is not set/)])
    expect(await told({ WEIR_ADMIN_KEY: '' })).toEqual([2, expect.stringMatching(/WEIR_ADMIN_KEY is not set/)])
    expect(await told({ WEIR_ADMIN_KEY: 'a\nb' })).toEqual([2, expect.stringMatching(/WEIR_ADMIN_KEY holds/)])
    expect(await told({ WEIR_ADMIN_KEY: 'wrong-secret' })).toEqual([
      1,
      expect.stringMatching(/is not the admin key of the gateway/),
    ])
    expect(await told({ WEIR_ADMIN_URL: 'http://127.0.0.1:1' })).toEqual([
      1,
      expect.stringMatching(/no Weir answers at http:\/\/127\.0\.0\.1:1 \(/),
    ])
    for (const url of ['127.0.0.1:8081', 'ftp://x', 'http://me:secret@x', 'http://x/api'])
      expect(await told({ WEIR_ADMIN_URL: url })).toEqual([2, expect.stringMatching(/the admin address must/)])
    expect(await told({ WEIR_ADMIN_URL: '' })).toEqual([
      2,
      'weir: WEIR_ADMIN_URL is set but empty; unset it, or give it a value\n',
    ])
  })

  it('never repeats the admin key', async () => {
    for (const env of [
      { WEIR_ADMIN_KEY: 'wrong-secret' },
      { WEIR_ADMIN_URL: 'http://127.0.0.1:1' },
      { WEIR_ADMIN_URL: 'http://me:wrong-secret@x' },
    ]) {
      const { err } = await weir(['models'], { env })
      expect(err).not.toMatch(/wrong-secret/)
      expect(err).not.toContain(house.adminKey)
    }
  })

  it('a server that is no Weir is told apart, and a redirect is not followed with the key', async () => {
    const asked: (string | undefined)[] = []
    const other = createServer((incoming, outgoing) => {
      asked.push(incoming.headers.authorization)
      if (incoming.url === '/api/models') outgoing.writeHead(302, { location: '/elsewhere' }).end()
      else if (incoming.url === '/api/providers') outgoing.writeHead(502).end('<html>\u001b[2J')
      else outgoing.writeHead(200).end('<html>')
    })
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const env = { WEIR_ADMIN_URL: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}` }
    expect((await weir(['models'], { env })).err).toMatch(/no Weir answers/)
    expect(asked).toHaveLength(1)
    expect((await weir(['providers'], { env })).err).toMatch(/answered 502, and not as a Weir admin API does/)
    expect((await weir(['config', 'show'], { env })).err).toMatch(/cannot read/)
    other.close()
    other.closeAllConnections()
  })

  it('--admin wins over the environment', async () => {
    expect(
      (await weir(['models', '--admin', listener.origin], { env: { WEIR_ADMIN_URL: 'http://127.0.0.1:1' } })).code,
    ).toBe(0)
  })

  it.each([[[]], [['keys']], [['nothing']], [['keys', 'nothing']], [['keys', 'revoke']]])(
    '%j is wrong usage',
    async (args) => {
      expect((await weir(args)).code).toBe(2)
    },
  )

  it('help and version are no failures, and go to stdout', async () => {
    expect(await weir(['--version'])).toEqual({ code: 0, out: '1.2.3\n', err: '' })
    const help = await weir(['keys', 'create', '--help'])
    expect(help).toMatchObject({ code: 0, err: '' })
    expect(help.out).toMatch(/--no-expiry/)
  })
})

it('the sources of the commands name every environment variable they read', () => {
  const text = ['command-house.ts', 'keys-hash.ts']
    .map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
    .join('')
  for (const variable of text.matchAll(/env\['(\w+)'\]|readVariable\([\w.]+, '(\w+)'\)/g))
    expect(variable[1] ?? variable[2]).toMatch(/^WEIR_(ADMIN_URL|ADMIN_KEY|DATA_DIR|PEPPER)$/)
})
