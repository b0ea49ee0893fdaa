import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fixtureConfig, startGateway, type RunningGateway } from '../gateway-fixture.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'weir-lost-owners-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('a key whose team has gone from the config file while Weir was stopped', () => {
  it('A8: is refused alone, and told of: Weir starts, other keys work, and every key can be revoked', async () => {
    const before = await startGateway({ dir, config: 'organisations: { acme: { teams: { search: {} } } }' })
    const { adminKey } = before
    const lost = await keyOf(before, adminKey, { name: 'lost', organisation: 'acme', team: 'search' })
    const well = await keyOf(before, adminKey, { name: 'well', organisation: 'acme' })
    await before.close()

    const after = await startGateway({ dir, config: 'organisations: { acme: {} }' })
    const told = `key lost (${lost.id}) belongs to team acme/search, which does not exist`
    expect(after.gateway.warnings).toContainEqual(expect.stringContaining(told))
    expect(after.logged()).toContain(told)
    expect([await statusOf(after, lost), await statusOf(after, well)]).toEqual([401, 200])
    expect([await listed(after, adminKey, 'ownerless'), await listed(after, adminKey, 'active')]).toEqual([
      ['lost'],
      expect.not.arrayContaining(['lost']),
    ])
    expect((await send(after, adminKey, `/api/keys/${lost.id}/rotate`, {})).status).toBe(409)
    expect(await after.gateway.reload()).toMatchObject({ isTaken: true })
    for (const { id } of [well, lost])
      expect((await send(after, adminKey, `/api/keys/${id}/revoke`, {})).status).toBe(200)
    expect([await statusOf(after, lost), await statusOf(after, well)]).toEqual([401, 401])
    await after.close()
  })
})

describe('a user that has gone from the config file while Weir was stopped', () => {
  it('is a label again: Weir starts, and the key works', async () => {
    const before = await startGateway({ dir, config: 'organisations: { acme: { users: { ada: { models: [] } } } }' })
    const { adminKey } = before
    const key = await keyOf(before, adminKey, { name: 'ada', organisation: 'acme', user: 'ada' })
    writeFileSync(before.configFile, fixtureConfig('organisations: { acme: {} }', dir))
    expect(await before.gateway.reload()).toMatchObject({
      isTaken: false,
      told: expect.stringContaining(
        `user acme/ada has gone from the config and still has below it: key ada (${key.id})`,
      ),
    })
    await before.close()

    const after = await startGateway({ dir, config: 'organisations: { acme: {} }' })
    expect(await statusOf(after, key)).toBe(200)
    await after.close()
  })
})

interface MadeKey {
  readonly id: string
  readonly key: string
}

async function keyOf(weir: RunningGateway, adminKey: string, body: object): Promise<MadeKey> {
  return (await (await send(weir, adminKey, '/api/keys', body)).json()) as MadeKey
}

function send(weir: RunningGateway, adminKey: string, path: string, body: object): Promise<Response> {
  const headers = { authorization: `Bearer ${adminKey}` }
  return weir.admin(path, { method: 'POST', body: JSON.stringify(body), headers })
}

async function listed(weir: RunningGateway, adminKey: string, status: string): Promise<readonly string[]> {
  const headers = { authorization: `Bearer ${adminKey}` }
  const answer = await weir.admin(`/api/keys?status=${status}`, { headers })
  return ((await answer.json()) as { items: { name: string }[] }).items.map(({ name }) => name)
}

async function statusOf(weir: RunningGateway, { key }: MadeKey): Promise<number> {
  const { status } = await fetch(`${weir.gateway.dataOrigin}/v1/models`, {
    headers: { authorization: `Bearer ${key}` },
  })
  return status
}
