import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Entity, KeyEntry } from '../../stores/ports/directory.ts'
import { permit } from '../access/permit.ts'
import { directoryOfConfig } from './from-config.ts'
import { identify, type IdentityHeaders } from './identify.ts'
import { makeKey, openKeyHasher } from './key.ts'
import { organisationsSettings } from './settings.ts'
import { joinIdentity } from './tree.ts'

const nowMs = Date.UTC(2026, 10, 23)
const hashOf = openKeyHasher(randomBytes(32))
const { key } = makeKey(randomBytes)
const stranger = makeKey(randomBytes).key

describe('identify', () => {
  it.each([
    ['the openai SDK', { authorization: `Bearer ${key}` }],
    ['a lower-case scheme', { authorization: `bearer ${key}` }],
    ['older Anthropic SDKs', { 'x-api-key': key }],
    ['the Google SDK', { 'x-goog-api-key': key }],
    ['an SDK that sends the key twice', { authorization: `Bearer ${key}`, 'x-api-key': key }],
    ['Claude Code with a key of its own beside', { authorization: `Bearer ${key}`, 'x-api-key': 'sk-ant-something' }],
  ])('accepts the key where %s puts it', (_client, headers) => {
    const principal = identify(given(headers), tree(), hashOf, nowMs)
    expect(principal).toMatchObject({
      organisation: 'acme',
      team: 'search',
      project: 'crawler',
      agent: 'fetcher',
      keyName: 'ci',
    })
  })

  it.each([
    ['nothing', {}, /no API key/],
    ['another provider’s key', { authorization: 'Bearer sk-proj-123' }, /not a Weir key/],
    ['A1 an injection', { authorization: `Bearer ' OR '1'='1` }, /not a Weir key/],
    [
      'a key with a wrong checksum',
      { 'x-api-key': `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}` },
      /not a Weir key/,
    ],
    ['a key that nobody made', { 'x-api-key': stranger }, /not known/],
    ['a key without a scheme', { authorization: key }, /not a Weir key/],
  ])('refuses %s', (_what, headers, message) => {
    expect(() => identify(given(headers), tree(), hashOf, nowMs)).toThrow(
      expect.objectContaining({ kind: 'unauthenticated', message: expect.stringMatching(message) }),
    )
  })

  it('A10 refuses two different keys, and any identity header sent twice', () => {
    expect(() =>
      identify(given({ authorization: `Bearer ${key}`, 'x-api-key': stranger }), tree(), hashOf, nowMs),
    ).toThrow(expect.objectContaining({ kind: 'invalid_request' }))
    for (const twice of ['authorization', 'x-api-key', 'x-goog-api-key', 'x-weir-metadata'])
      expect(() => identify(given({ authorization: `Bearer ${key}` }, twice), tree(), hashOf, nowMs)).toThrow(
        expect.objectContaining({ kind: 'invalid_request', message: expect.stringContaining(twice) }),
      )
  })

  it('refuses a revoked key, and an expired one from its very moment on', () => {
    expect(() => identify(given({ 'x-api-key': key }), tree({ revokedAtMs: 1 }), hashOf, nowMs)).toThrow(/revoked/)
    expect(() => identify(given({ 'x-api-key': key }), tree({ expiresAtMs: nowMs }), hashOf, nowMs)).toThrow(/expired/)
    expect(identify(given({ 'x-api-key': key }), tree({ expiresAtMs: nowMs + 1 }), hashOf, nowMs).keyName).toBe('ci')
  })

  it('never repeats the key in what it says', () => {
    for (const headers of [{ 'x-api-key': stranger }, { authorization: `Bearer ${stranger}x` }])
      try {
        identify(given(headers), tree(), hashOf, nowMs)
        expect.unreachable()
      } catch (thrown) {
        expect(String(thrown)).not.toContain(stranger.slice(0, 20))
      }
  })
})

describe('permit', () => {
  it('asks every level, and names the one that refuses', () => {
    const principal = identify(given({ 'x-api-key': key }), tree({ models: ['*'] }), hashOf, nowMs)
    expect(() => permit(principal, 'smart')).not.toThrow()
    expect(() => permit(principal, 'openai/gpt-5')).not.toThrow()
    expect(() => permit(principal, 'claude')).toThrow(
      expect.objectContaining({ kind: 'model_not_allowed', message: 'team search does not allow model "claude"' }),
    )
    const narrowed = identify(given({ 'x-api-key': key }), tree({ models: ['smart'] }), hashOf, nowMs)
    expect(() => permit(narrowed, 'openai/gpt-5')).toThrow(/key ci does not allow/)
  })

  it('takes an empty list for "none"', () => {
    const principal = identify(given({ 'x-api-key': key }), tree({ models: [] }), hashOf, nowMs)
    expect(() => permit(principal, 'smart')).toThrow(/key ci/)
  })
})

describe('the tree', () => {
  const config = directoryOfConfig(
    organisationsSettings.parse({
      acme: {
        teams: {
          search: { projects: { crawler: {} }, keys: { ci: { hash: `hmac:${'a'.repeat(64)}`, project: 'crawler' } } },
        },
      },
    }),
  )

  it('leaves out what was made through the API under an id that the config has', () => {
    const joined = joinIdentity(config, { entities: [{ ...entity('organisation', 'acme'), models: [] }], keys: [] })
    expect(joined.leftOut).toEqual([
      {
        kind: 'twice',
        managedBy: 'api',
        id: 'organisation acme',
        message: 'organisation acme is in the config and was also made through the API: remove one of them',
      },
    ])
    expect(joined.keys[0]?.allowedModels).toEqual([])
  })

  it('leaves out a key whose project does not exist, and finds the others', () => {
    const broken = config.keys.map((one) => ({ ...one, project: 'crawlr' }))
    const joined = joinIdentity({ ...config, keys: broken }, { entities: [], keys: [entry({ hash: 'b'.repeat(64) })] })
    const message = 'key ci (config/acme/search/ci) belongs to project acme/search/crawlr, which does not exist'
    expect(joined.leftOut).toEqual([{ kind: 'ownerless', managedBy: 'config', id: 'config/acme/search/ci', message }])
    expect(joined.keyByHash('a'.repeat(64))).toBeUndefined()
    expect(joined.keyByHash('b'.repeat(64))?.managedBy).toBe('api')
  })

  it('tells of an entity whose organisation or team does not exist, which stays to be removed', () => {
    const orphans = [
      entity('user', 'ada', { organisation: 'gone' }),
      entity('project', 'site', { organisation: 'acme', team: 'gone' }),
      entity('team', 'well', { organisation: 'acme' }),
    ]
    const joined = joinIdentity(config, { entities: orphans, keys: [] })
    expect(joined.leftOut.map(({ kind, managedBy, message }) => [kind, managedBy, message])).toEqual([
      ['ownerless', 'api', 'user gone/ada belongs to organisation gone, which does not exist'],
      ['ownerless', 'api', 'project acme/gone/site belongs to team acme/gone, which does not exist'],
    ])
    expect(joined.entities.slice(-3).map((one) => one.entity)).toEqual(orphans)
  })

  it('leaves out a second key of the same hash', () => {
    const joined = joinIdentity(config, { entities: [], keys: [entry({ hash: 'a'.repeat(64) })] })
    expect(joined.leftOut).toMatchObject([{ kind: 'twice', managedBy: 'api', id: 'abcdefghij' }])
    expect(joined.keyByHash('a'.repeat(64))?.managedBy).toBe('config')
  })

  it('lets a key of the API stand under a team of the config', () => {
    const joined = joinIdentity(config, { entities: [], keys: [entry({ hash: 'b'.repeat(64) })] })
    expect(joined.keys.map((known) => [known.entry.name, known.managedBy])).toEqual([
      ['ci', 'config'],
      ['ci', 'api'],
    ])
  })
})

function given(headers: Readonly<Record<string, string>>, twice?: string): IdentityHeaders {
  return { one: (name) => headers[name], times: (name) => (name === twice ? 2 : name in headers ? 1 : 0) }
}

function tree(change: Partial<KeyEntry> = {}) {
  return joinIdentity(
    { entities: [], keys: [] },
    {
      entities: [
        entity('organisation', 'acme'),
        { ...entity('team', 'search'), organisation: 'acme', models: ['smart', 'openai/*'] },
        { ...entity('project', 'crawler'), organisation: 'acme', team: 'search' },
      ],
      keys: [entry(change)],
    },
  )
}

function entry(change: Partial<KeyEntry>): KeyEntry {
  return {
    id: 'abcdefghij',
    name: 'ci',
    hash: hashOf(key),
    last4: undefined,
    organisation: 'acme',
    team: 'search',
    project: 'crawler',
    user: undefined,
    agent: 'fetcher',
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

function entity(kind: Entity['kind'], name: string, change: Partial<Entity> = {}): Entity {
  return {
    kind,
    name,
    organisation: undefined,
    team: undefined,
    models: undefined,
    require: undefined,
    limits: undefined,
    budgets: undefined,
    timezone: undefined,
    createdAtMs: 0,
    ...change,
  }
}
