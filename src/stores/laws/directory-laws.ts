import { describe, expect, it } from 'vitest'
import type { DirectoryChange } from '../ports/directory.ts'
import type { LawBench } from './law-bench.ts'
import { sampleEvent, sampleKey, sampleOrganisation, sampleTeam } from './sample-records.ts'

/** A change is judged, made and audited, all or nothing. */
export function directoryLaws(bench: LawBench): void {
  describe('the directory', () => {
    it('shows a change when it is made, and after a restart', async () => {
      const team = {
        ...sampleTeam('search', 'acme', ['smart', 'openai/*']),
        require: ['region:eu'],
        limits: { burst: { requests: 600, per: 'minute' as const } },
      }
      await bench.change({ kind: 'put-entity', entity: sampleOrganisation('acme'), mustBeNew: true })
      await bench.change({ kind: 'put-entity', entity: team, mustBeNew: true })
      const project = { ...sampleTeam('crawler', 'acme'), kind: 'project' as const, team: 'search' }
      await bench.change({ kind: 'put-entity', entity: project, mustBeNew: true })
      await bench.change({
        kind: 'put-entity',
        entity: { ...sampleTeam('ada', 'acme'), kind: 'user' },
        mustBeNew: true,
      })
      await bench.change({
        kind: 'put-entity',
        entity: { ...sampleTeam('fetcher', 'acme'), kind: 'agent', models: [] },
        mustBeNew: true,
      })
      const key = sampleKey('key1', {
        team: 'search',
        project: 'crawler',
        user: 'ada',
        agent: 'fetcher',
        expiresAtMs: 9e15,
        lifetimeMs: 8e15,
        models: ['smart'],
        require: ['self-hosted', 'region:eu'],
        limits: { parallel: { concurrent: 3, queue: { waitMs: 5, maxWaiting: 7 } } },
      })
      await bench.change({ kind: 'add-key', key })
      const { entities, keys } = bench.stores.directory.contents()
      expect(entities).toHaveLength(5)
      expect(entities).toContainEqual(team)
      expect(keys).toStrictEqual([key])
      await bench.reopen()
      expect(bench.stores.directory.contents().keys).toStrictEqual(keys)
      expect(new Set(bench.stores.directory.contents().entities)).toEqual(new Set(entities))
    })

    it('hands out a snapshot that later changes leave alone', async () => {
      await bench.change({ kind: 'put-entity', entity: sampleOrganisation('acme'), mustBeNew: true })
      const before = bench.stores.directory.contents()
      await bench.change({ kind: 'put-entity', entity: sampleOrganisation('other'), mustBeNew: true })
      expect(before.entities).toHaveLength(1)
      expect(Object.isFrozen(before.entities)).toBe(true)
      expect(bench.stores.directory.contents()).not.toBe(before)
    })

    it('replaces an entity, unless it had to be new', async () => {
      await bench.change({ kind: 'put-entity', entity: sampleOrganisation('acme'), mustBeNew: true })
      await bench.change({
        kind: 'put-entity',
        entity: { ...sampleOrganisation('acme'), models: ['smart'] },
        mustBeNew: false,
      })
      expect(bench.stores.directory.contents().entities.map(({ models }) => models)).toEqual([['smart']])
      await refused(
        bench,
        { kind: 'put-entity', entity: sampleOrganisation('acme'), mustBeNew: true },
        'organisation acme exists already',
      )
    })

    it('A8: a revoked key is revoked when the call resolves, for good, and keeps its first date', async () => {
      await bench.change({ kind: 'put-entity', entity: sampleOrganisation('acme'), mustBeNew: true })
      await bench.change({ kind: 'add-key', key: sampleKey('key1') })
      await bench.change({ kind: 'revoke-key', keyId: 'key1', atMs: 77 })
      await bench.change({ kind: 'revoke-key', keyId: 'key1', atMs: 99 })
      expect(bench.stores.directory.contents().keys.map(({ revokedAtMs }) => revokedAtMs)).toEqual([77])
      await bench.reopen()
      expect(bench.stores.directory.contents().keys.map(({ revokedAtMs }) => revokedAtMs)).toEqual([77])
    })

    it('rotates a key: the new one is there and the old one ends, together or not at all', async () => {
      await bench.change({ kind: 'put-entity', entity: sampleOrganisation('acme'), mustBeNew: true })
      await bench.change({ kind: 'add-key', key: sampleKey('old', { expiresAtMs: 9e15, lifetimeMs: 8e15 }) })
      const rotation = { kind: 'rotate-key', oldKeyId: 'old', oldExpiresAtMs: sampleEvent.atMs + 1000 } as const
      await refused(bench, { ...rotation, key: sampleKey('old') }, 'exists already')
      expect(bench.stores.directory.contents().keys.map(({ expiresAtMs }) => expiresAtMs)).toEqual([9e15])
      await bench.change({ ...rotation, key: sampleKey('new') })
      await bench.reopen()
      const lives = bench.stores.directory.contents().keys.map((key) => [key.id, key.expiresAtMs, key.lifetimeMs])
      expect(new Map(lives.map(([id, ...life]) => [id, life]))).toEqual(
        new Map([
          ['old', [sampleEvent.atMs + 1000, 8e15]],
          ['new', [undefined, undefined]],
        ]),
      )
      await bench.change({ kind: 'revoke-key', keyId: 'old', atMs: 5 })
      await refused(bench, { ...rotation, key: sampleKey('newer') }, 'key old is not active any more')
    })

    it('refuses an owner that does not exist, a key twice, and an owner that something still stands under', async () => {
      await refused(bench, { kind: 'add-key', key: sampleKey('key1') }, 'there is no organisation acme')
      await refused(
        bench,
        { kind: 'put-entity', entity: sampleTeam('search', 'acme'), mustBeNew: true },
        'there is no organisation acme',
      )
      await bench.change({ kind: 'put-entity', entity: sampleOrganisation('acme'), mustBeNew: true })
      await refused(
        bench,
        { kind: 'add-key', key: sampleKey('key1', { team: 'search' }) },
        'there is no team acme/search',
      )
      await refused(bench, { kind: 'add-key', key: sampleKey('key1', { project: 'crawler' }) }, 'without its team')
      await bench.change({ kind: 'put-entity', entity: sampleTeam('search', 'acme'), mustBeNew: true })
      await bench.change({ kind: 'add-key', key: sampleKey('key1', { team: 'search' }) })
      await refused(bench, { kind: 'add-key', key: sampleKey('key1') }, 'a key with the id key1 exists already')
      await refused(bench, { kind: 'revoke-key', keyId: 'key9', atMs: 1 }, 'there is no key key9')
      const acme = { kind: 'organisation', name: 'acme', organisation: undefined, team: undefined } as const
      const search = { kind: 'team', name: 'search', organisation: 'acme', team: undefined } as const
      await refused(bench, { kind: 'remove-entity', entity: acme }, 'organisation acme still has team acme/search')
      await refused(bench, { kind: 'remove-entity', entity: search }, 'team acme/search still has 1 active key (key1)')
      await bench.change({ kind: 'revoke-key', keyId: 'key1', atMs: 1 })
      await bench.change({ kind: 'remove-entity', entity: search })
      await bench.change({ kind: 'remove-entity', entity: acme })
      await refused(bench, { kind: 'remove-entity', entity: acme }, 'organisation acme does not exist')
      expect(bench.stores.directory.contents()).toMatchObject({ entities: [], keys: [{ id: 'key1' }] })
    })

    it('refuses a path that its kind does not have, and text that cannot be stored', async () => {
      await bench.change({ kind: 'put-entity', entity: sampleOrganisation('acme'), mustBeNew: true })
      await refused(
        bench,
        { kind: 'put-entity', entity: { ...sampleOrganisation('x'), organisation: 'acme' }, mustBeNew: true },
        'stands under no other',
      )
      await refused(
        bench,
        { kind: 'put-entity', entity: { ...sampleTeam('x', 'acme'), organisation: undefined }, mustBeNew: true },
        'needs its organisation',
      )
      await refused(
        bench,
        { kind: 'put-entity', entity: { ...sampleTeam('x', 'acme'), kind: 'project' }, mustBeNew: true },
        'needs its team',
      )
      await refused(
        bench,
        { kind: 'put-entity', entity: { ...sampleTeam('x', 'acme'), kind: 'user', team: 'search' }, mustBeNew: true },
        'cannot stand under a team',
      )
      await refused(
        bench,
        { kind: 'put-entity', entity: sampleOrganisation('half a pair \ud800'), mustBeNew: true },
        'not valid Unicode',
      )
    })

    it('judges changes made at once one after the other: of two equal ones the second is refused', async () => {
      const put = { kind: 'put-entity', entity: sampleOrganisation('acme'), mustBeNew: true } as const
      const outcomes = await Promise.allSettled([
        bench.change(put),
        bench.change(put),
        bench.change({ kind: 'add-key', key: sampleKey('key1') }),
      ])
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    })
  })
}

/** The change is refused for this reason, and nothing of it is seen anywhere. */
async function refused(bench: LawBench, wanted: DirectoryChange, reason: string): Promise<void> {
  const before = bench.stores.directory.contents()
  const entries = await bench.stores.audit.list({ afterSequence: 0, limit: 1000 })
  await expect(bench.change(wanted)).rejects.toMatchObject({
    kind: 'invalid_request',
    message: expect.stringContaining(reason),
  })
  expect(bench.stores.directory.contents()).toBe(before)
  expect(await bench.stores.audit.list({ afterSequence: 0, limit: 1000 })).toEqual(entries)
}
