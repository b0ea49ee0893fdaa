import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAdminHouse, type AdminHouse } from '../../test/admin-house.ts'
import { sampleRecord } from '../stores/laws/sample-records.ts'

let house: AdminHouse
beforeAll(async () => {
  house = await openAdminHouse()
})
afterAll(() => house.close())

/** Names of fields that may hold a hash: of audit entries, which are no secrets. */
const chainHashes = ['chainHash', 'lastChainHash', 'previousChainHash']

describe('A4, L1: no answer holds what could be used in the place of a key', () => {
  it('no schema of an answer has a field for a hash, a pepper or a secret', async () => {
    const { body: document } = await house.call('GET', '/api/openapi.json')
    const fields = new Set<string>()
    const walk = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return
      for (const [name, value] of Object.entries(node)) {
        if (name === 'properties') for (const field of Object.keys(value)) fields.add(field)
        walk(value)
      }
    }
    walk(document)
    expect(fields.size).toBeGreaterThan(100)
    expect([...fields].filter((field) => /hash|hmac|pepper|secret|password|digest/i.test(field)).toSorted()).toEqual(
      chainHashes,
    )
  })

  it('a field `key` with the key itself is in the answers that make one, and nowhere else', async () => {
    const { body: document } = await house.call('GET', '/api/openapi.json')
    const schemas: Record<string, { properties?: Record<string, { description?: string }> }> =
      document.components.schemas
    const holders = Object.entries(schemas)
      .filter(([, schema]) => schema.properties?.['key'] !== undefined)
      .map(([name]) => name)
    expect(holders.toSorted()).toEqual(['MadeKey', 'RotatedKey'])
  })

  it('a crawl of every readable path, and every refusal on the way, shows no key, no hash and no admin key', async () => {
    const told: string[] = []
    const call: AdminHouse['call'] = async (...asked) => {
      const answer = await house.call(...asked)
      told.push(answer.text)
      return answer
    }
    await call('POST', '/api/organisations', { name: 'acme' })
    const made = await house.call('POST', '/api/keys', { name: 'one', organisation: 'acme' })
    const rotated = await house.call('POST', `/api/keys/${made.body.id}/rotate`)
    const { key } = made.body
    house.stores.usage.append(
      sampleRecord({ requestId: 'req_1', keyId: made.body.id, startedAtMs: house.clock.nowMs() - 1 }),
    )
    await call('POST', `/api/keys/${made.body.id}/revoke`)
    // A key in the wrong place must not come back in the refusal.
    await call('POST', `/api/keys/${key}/revoke`)
    await call('POST', '/api/keys', { name: key, organisation: 'acme', [key]: 1 })
    await call('POST', '/api/teams', { name: 'x', organisation: key })
    await call('GET', `/api/keys?name=${key}&${key}=1`)
    await call('GET', `/api/usage?since=${key}`)
    for (const { method, path } of house.app.routes)
      if (method === 'GET') await call('GET', path.replace('/exchanges/:id', '/exchanges/req_1'))
    await call('GET', '/api/usage?by=key,organisation,team,user,agent,model,provider,status&format=csv')

    const text = told.join('\n')
    const hashes = house.identity().keys.map(({ entry }) => entry.hash)
    expect(hashes).toHaveLength(3)
    expect(text).toContain('req_1')
    const secrets = [house.adminKey, key, rotated.body.key, ...hashes]
    expect(told.filter((answer) => secrets.some((secret) => answer.includes(secret)))).toEqual([])
  })
})
