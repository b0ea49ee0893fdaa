import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { turnedClock } from '../../test/turned-clock.ts'
import { openMetrics } from '../accounting/metrics.ts'
import { openTurns } from '../canonical/turns.ts'
import type { DirectoryContents, Entity, KeyEntry } from '../stores/ports.ts'
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
    const reloading = house.reload.now()
    writing.resolve()
    await changing
    const message = expect.stringContaining('key ci (ci) belongs to team acme/search, which does not exist')
    expect(await reloading).toMatchObject({ isTaken: false, problem: message })
    expect(house.refuses('ci')).toBe(false)
  })

  it('is done once for all who ask before it begins', async () => {
    const house = open(withTeam)
    const asked = [house.reload.now(), house.reload.now()]
    house.write(withoutTeam)
    const [first, second] = await Promise.all(asked)
    expect(first).toMatchObject({ isTaken: true, version: house.live.loaded.version })
    expect(second).toBe(first)
    expect(await house.reload.now()).not.toBe(first)
  })

  it('A8: is not stopped by a key that lost its owner before, nor is any change: the key alone is refused', async () => {
    const house = open(withoutTeam, [keyOf('lost'), keyOf('well', { team: undefined })])
    const told = 'key lost (lost) belongs to team acme/search, which does not exist: it is left out, and grants nothing'
    expect(house.live.warnings).toEqual([told])
    expect([house.refuses('lost'), house.refuses('well')]).toEqual([true, false])

    expect(await house.reload.now()).toMatchObject({ isTaken: true, warnings: [told] })
    expect(house.keep([keyOf('lost'), keyOf('well', { team: undefined, revokedAtMs: 1 })])).toEqual([])
    expect(house.live.snapshot.identity.keyByHash(hashOf('well'))?.entry.revokedAtMs).toBe(1)
    // It is still there to be revoked.
    expect(house.live.snapshot.identity.keys.map(({ entry }) => entry.id)).toEqual(['lost', 'well'])

    house.write(withTeam)
    expect(await house.reload.now()).toMatchObject({ isTaken: true, warnings: [] })
    expect(house.refuses('lost')).toBe(false)
  })

  it('A8: is refused when the config loses an owner of what was made through the API, until that is removed', async () => {
    const house = open(withTeam, [], [site])
    const told = 'project acme/search/site belongs to team acme/search, which does not exist'
    house.write(withoutTeam)
    expect(await house.reload.now()).toMatchObject({ isTaken: false, problem: expect.stringContaining(told) })
    house.keep([], [])
    expect(await house.reload.now()).toMatchObject({ isTaken: true, warnings: [] })
  })

  it('A8: is not stopped by what lost its owner before', async () => {
    const house = open(withoutTeam, [], [site])
    const told =
      'project acme/search/site belongs to team acme/search, which does not exist: it is left out, and grants nothing'
    expect(house.live.warnings).toEqual([told])
    expect(await house.reload.now()).toMatchObject({ isTaken: true, warnings: [told] })
  })

  it('A8: a change is in force even when it brings a key that has no owner, which is told once', () => {
    const house = open(withoutTeam, [keyOf('well', { team: undefined })])
    const contents = [keyOf('lost'), keyOf('well', { team: undefined, revokedAtMs: 1 })]
    expect(house.keep(contents)).toEqual([expect.stringContaining('key lost (lost)')])
    expect(house.live.snapshot.identity.keyByHash(hashOf('well'))?.entry.revokedAtMs).toBe(1)
    expect(house.keep(contents)).toEqual([])
  })

  function open(text: string, keys: readonly KeyEntry[] = [], entities: readonly Entity[] = []) {
    const configFile = join(dir, 'weir.yaml')
    const write = (next: string) => writeFileSync(configFile, next)
    write(text)
    let directory: DirectoryContents = { entities, keys }
    const live = openLiveConfig(readConfigFile(configFile), {
      configFile,
      env: {},
      clock: turnedClock(),
      directory: () => directory,
      simulatedOrigin: 'http://127.0.0.1:0',
    })
    const turns = openTurns()
    const reload = openReload({
      turns,
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
      live,
      turns,
      reload,
      write,
      /** As a change of the directory does it. */
      keep: (next: readonly KeyEntry[], left = entities) => {
        directory = { entities: left, keys: next }
        return live.directoryChanged()
      },
      refuses: (name: string) => live.snapshot.identity.keyByHash(hashOf(name)) === undefined,
    }
  }
})

const withTeam = 'organisations: { acme: { teams: { search: {} } } }'
const withoutTeam = 'organisations: { acme: {} }'

const site: Entity = {
  kind: 'project',
  name: 'site',
  organisation: 'acme',
  team: 'search',
  models: undefined,
  require: undefined,
  limits: undefined,
  budgets: undefined,
  timezone: undefined,
  createdAtMs: 0,
}

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
    revokedAtMs: undefined,
    ...change,
  }
}
