import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { turnedClock } from '../../test/turned-clock.ts'
import { openMetrics } from '../accounting/metrics/open-metrics.ts'
import { openTurns } from '../canonical/turns.ts'
import { sourcesOnDisk } from '../config/sources.ts'
import { sampleTeam } from '../stores/laws/sample-records.ts'
import type { AuditEvent } from '../stores/ports/audit.ts'
import type { DirectoryContents, Entity, KeyEntry } from '../stores/ports/directory.ts'
import { readConfigFile } from './config-file.ts'
import { openLiveConfig } from './live-config.ts'
import { openReload } from './reload.ts'

describe('a reload', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'weir-reload-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  it('waits for the change under way, so that no key is written below an owner that the config loses', async () => {
    const house = open(withTeam)
    const writing = Promise.withResolvers<void>()
    const changing = house.turns.take(async () => {
      await writing.promise
      house.keep([keyOf('ci')])
    })
    house.write(withoutTeam)
    const reloading = house.reload.now('signal')
    writing.resolve()
    await changing
    const message = expect.stringContaining(
      'team acme/search has gone from the config and still has below it: key ci (ci)',
    )
    expect(await reloading).toMatchObject({ isTaken: false, problem: message })
    expect(house.refuses('ci')).toBe(false)
  })

  it('is done once for all who ask before it begins', async () => {
    const house = open(withTeam)
    const asked = [house.reload.now('signal'), house.reload.now('signal')]
    house.write(withoutTeam)
    const [first, second] = await Promise.all(asked)
    expect(first).toMatchObject({ isTaken: true, version: house.live.loaded.version })
    expect(second).toBe(first)
    expect(await house.reload.now('signal')).not.toBe(first)
  })

  it('is in the audit log where a file or a signal caused it, taken or refused; the admin API tells of its own', async () => {
    const house = open(withTeam)
    house.write(withoutTeam)
    const { version } = await house.reload.now('file')
    house.write('organisations: 7')
    const { problem } = await house.reload.now('signal')
    house.write(withTeam)
    const asked = [house.reload.now('admin'), house.reload.now('file'), house.reload.now('file')]
    const [last] = await Promise.all(asked)
    const told = house.audited.map(({ actor, action, target, detail }) => [actor, action, target, JSON.parse(detail)])
    const event = ['config.reload', 'config']
    expect(problem).not.toBe('')
    expect(told).toEqual([
      ['file', ...event, { isTaken: true, version }],
      ['signal', ...event, { isTaken: false, keeps: version, problem }],
      ['file', ...event, { isTaken: true, version: last?.version }],
    ])
  })

  it('is in force also where the audit log takes no entry of it', async () => {
    const house = open(withTeam, [], [], true)
    house.write(withoutTeam)
    expect(await house.reload.now('file')).toMatchObject({ isTaken: true, version: house.live.loaded.version })
  })

  it('A8: is not stopped by a key that lost its owner before, nor is any change: the key alone is refused', async () => {
    const house = open(withoutTeam, [keyOf('lost'), keyOf('well', { team: undefined })])
    const told = 'key lost (lost) belongs to team acme/search, which does not exist: it is left out, and grants nothing'
    expect(house.live.warnings).toEqual([told])
    expect([house.refuses('lost'), house.refuses('well')]).toEqual([true, false])

    expect(await house.reload.now('signal')).toMatchObject({ isTaken: true, warnings: [told] })
    expect(house.keep([keyOf('lost'), keyOf('well', { team: undefined, revokedAtMs: 1 })])).toEqual([])
    expect(house.live.snapshot.identity.keyByHash(hashOf('well'))?.entry.revokedAtMs).toBe(1)
    // It is still there to be revoked.
    expect(house.live.snapshot.identity.keys.map(({ entry }) => entry.id)).toEqual(['lost', 'well'])

    house.write(withTeam)
    expect(await house.reload.now('signal')).toMatchObject({ isTaken: true, warnings: [] })
    expect(house.refuses('lost')).toBe(false)
  })

  it('A8: a change is in force even when it brings a key that has no owner, which is told once', () => {
    const house = open(withoutTeam, [keyOf('well', { team: undefined })])
    const contents = [keyOf('lost'), keyOf('well', { team: undefined, revokedAtMs: 1 })]
    expect(house.keep(contents)).toEqual([expect.stringContaining('key lost (lost)')])
    expect(house.live.snapshot.identity.keyByHash(hashOf('well'))?.entry.revokedAtMs).toBe(1)
    expect(house.keep(contents)).toEqual([])
  })

  it('warns of a budget that was made through the API for a model that has gone', async () => {
    const budgets = { dear: { usd: '5', per: 'total' as const, models: ['smart'] } }
    const house = open(withoutTeam, [
      keyOf('ci', { team: undefined, budgets }),
      keyOf('old', { budgets, revokedAtMs: 1 }),
    ])
    const told = 'key ci (ci): budgets.dear.models[0]: "smart" meets no entry of `models`'
    expect(house.live.warnings).toEqual([expect.stringContaining(told)])
    house.write(
      `providers: { it: { kind: simulated } }
models: { smart: { targets: [{ provider: it, model: m }] } }
${withoutTeam}`,
    )
    expect(await house.reload.now('signal')).toMatchObject({
      isTaken: true,
      warnings: [expect.not.stringContaining('key ci')],
    })
  })

  it.each([
    ['user', 'users: { ada: { models: [cheap] } }', 'users: { ada: {} }'],
    ['agent', 'agents: { ada: { models: [cheap] } }', 'agents: { ada: {} }'],
  ] as const)('refuses a file that lifts policy from keys by leaving out their %s', async (kind, entry, empty) => {
    const named = (name: string, change: Partial<KeyEntry> = {}) =>
      keyOf(name, { team: undefined, [kind]: 'ada', ...change })
    const keys = [named('ci'), named('web'), named('old', { revokedAtMs: 1 }), keyOf('other', { team: undefined })]
    const house = open(`organisations: { acme: { ${entry} } }`, keys)
    const policyOf = (name: string) => house.live.snapshot.identity.keyByHash(hashOf(name))?.allowedModels
    house.write(withoutTeam)
    const below = 'key ci (ci), key web (web); put it back, or first revoke these keys'
    const message = expect.stringContaining(
      `${kind} acme/ada has gone from the config and still has below it: ${below}`,
    )
    expect(await house.reload.now('signal')).toMatchObject({ isTaken: false, problem: message })
    expect(policyOf('ci')).toEqual([{ level: `${kind} ada`, patterns: ['cheap'] }])

    house.write(`organisations: { acme: { ${empty} } }`)
    expect(await house.reload.now('signal')).toMatchObject({ isTaken: true, warnings: [] })
    expect(policyOf('ci')).toEqual([])

    house.keep(keys.map((key) => ({ ...key, revokedAtMs: 1 })))
    house.write(withoutTeam)
    expect(await house.reload.now('signal')).toMatchObject({ isTaken: true, warnings: [] })
  })

  it('refuses a file without the user that a key of the file itself names, and takes it without both', async () => {
    const key = `keys: { ci: { hash: 'hmac:${'a'.repeat(64)}', user: ada } }`
    const house = open(`organisations: { acme: { users: { ada: {} }, ${key} } }`)
    house.write(`organisations: { acme: { ${key} } }`)
    const message = expect.stringContaining('user acme/ada has gone from the config')
    expect(await house.reload.now('signal')).toMatchObject({ isTaken: false, problem: message })
    house.write(withoutTeam)
    expect(await house.reload.now('signal')).toMatchObject({ isTaken: true })
  })

  it('refuses a file without the organisation of what the API made, and a start with it tells what is left out', async () => {
    const made = [sampleTeam('search', 'acme')]
    const house = open(withoutTeam, [keyOf('ci', { revokedAtMs: 1 })], made)
    house.write('organisations: { beta: {} }')
    const message = expect.stringContaining(
      'organisation acme has gone from the config and still has below it: team acme/search',
    )
    expect(await house.reload.now('signal')).toMatchObject({ isTaken: false, problem: message })

    const started = open('organisations: { beta: {} }', [], made)
    const told =
      'team acme/search belongs to organisation acme, which does not exist: it is left out, and grants nothing'
    expect(started.live.warnings).toEqual([told])
    expect(await started.reload.now('signal')).toMatchObject({ isTaken: true, warnings: [told] })
  })

  it('names the widest owner that has gone, and no more keys than can be read', async () => {
    const names = [...'abcdefghijkl']
    const house = open(
      withTeam,
      names.map((name) => keyOf(name)),
    )
    house.write('organisations: { beta: {} }')
    const { problem } = await house.reload.now('signal')
    expect(problem.split('\n')).toEqual([
      expect.stringMatching(/organisation acme has gone .*key j \(j\), 2 more; put it back/),
    ])
  })

  function open(text: string, keys: readonly KeyEntry[] = [], entities: readonly Entity[] = [], isFull = false) {
    const configFile = join(dir, 'weir.yaml')
    const write = (next: string) => writeFileSync(configFile, next)
    write(text)
    let directory: DirectoryContents = { entities, keys }
    const clock = turnedClock()
    const audited: AuditEvent[] = []
    const live = openLiveConfig(readConfigFile(configFile), {
      configFile,
      sources: () => sourcesOnDisk({}, dir),
      clock,
      directory: () => directory,
      simulatedOrigin: 'http://127.0.0.1:0',
    })
    const turns = openTurns()
    const reload = openReload({
      clock,
      turns,
      audit: {
        append: async (event) => {
          if (isFull) throw new Error('the disk is full')
          audited.push(event)
        },
      },
      configFile,
      live,
      log: pino({ enabled: false }),
      metrics: openMetrics({
        running: () => 0,
        waiting: () => 0,
        targets: () => [],
        load: () => undefined,
        ledger: async () => undefined,
      }),
      onTaken: async () => [],
      onRefused: () => {},
      onBug: (error) => {
        throw error
      },
    })
    return {
      audited,
      live,
      turns,
      reload,
      write,
      /** As a change of the directory does it. */
      keep: (next: readonly KeyEntry[]) => {
        directory = { entities, keys: next }
        return live.directoryChanged()
      },
      refuses: (name: string) => live.snapshot.identity.keyByHash(hashOf(name)) === undefined,
    }
  }
})

const withTeam = 'organisations: { acme: { teams: { search: {} } } }'
const withoutTeam = 'organisations: { acme: {} }'

function hashOf(name: string): string {
  return name.padEnd(64, '0')
}

function keyOf(name: string, change: Partial<KeyEntry> = {}): KeyEntry {
  return {
    id: name,
    name,
    hash: hashOf(name),
    last4: undefined,
    organisation: 'acme',
    team: 'search',
    project: undefined,
    user: undefined,
    agent: undefined,
    models: undefined,
    require: undefined,
    limits: undefined,
    budgets: undefined,
    createdAtMs: 0,
    expiresAtMs: undefined,
    lifetimeMs: undefined,
    revokedAtMs: undefined,
    ...change,
  }
}
