import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAdminHouse, type AdminHouse } from '../../test/admin-house.ts'

let house: AdminHouse
let keyId: string
beforeAll(async () => {
  house = await openAdminHouse()
  const kinds = ['key', 'model', 'organisation', 'team', 'project', 'user', 'agent', 'endUser', 'run', 'metadata.job']
  const budgets = Object.fromEntries(
    kinds.map((by) => {
      const isAlwaysThere = by === 'key' || by === 'model' || by === 'organisation'
      return [by, { calls: 1, by, ...(isAlwaysThere ? {} : { missing: 'share' }) }]
    }),
  )
  await house.call('POST', '/api/organisations', { name: 'acme', budgets: { ...budgets, one: { calls: 1 } } })
  await house.call('POST', '/api/organisations', { name: 'other' })
  await house.call('POST', '/api/teams', { name: 'search', organisation: 'acme' })
  await house.call('POST', '/api/projects', { name: 'crawler', organisation: 'acme', team: 'search' })
  keyId = (await house.call('POST', '/api/keys', { name: 'k', organisation: 'acme' })).body.id
})
afterAll(() => house.close())

const topUp = (name: string, value: string) =>
  house.call('POST', '/api/budgets/top-ups', { budget: `organisation acme/${name}`, value, amount: '1' })

const long = 'x'.repeat(257)

describe('the account that is topped up', () => {
  it('may be of anything that a call can have', async () => {
    const accounts: readonly (readonly [string, string])[] = [
      ['key', keyId],
      ['model', 'demo'],
      ['organisation', 'acme'],
      ['team', 'acme/search'],
      ['project', 'acme/search/crawler'],
      ['user', 'acme/nobody-yet'],
      ['agent', 'acme/nobody-yet'],
      ['endUser', 'acme/a/b \u00fc'],
      ['endUser', `acme/${'x'.repeat(256)}`],
      ['run', 'acme/nightly-7'],
      ['metadata.job', 'acme/1'],
    ]
    for (const [name, value] of accounts) {
      const answer = await topUp(name, value)
      expect([name, value, answer.body]).toMatchObject([name, value, { account: { value, cap: '2' } }])
    }
  })

  it.each([
    ['one', 'budget "organisation acme/one" has one account only: leave it out', 'acme/ada'],
    ['key', 'there is no key with the id "nobody": `weir keys list` shows the ids', 'nobody'],
    ['model', 'a model has at most 256 characters, and this has 257', long],
    ['organisation', 'there is no organisation nobody', 'nobody'],
    ['team', 'a team is told with its organisation, such as "acme/search"', 'search'],
    ['team', 'there is no team acme/nobody', 'acme/nobody'],
    ['project', 'a project is told with its organisation and team, such as "acme/search/crawler"', 'acme/crawler'],
    ['project', 'there is no project acme/search/nobody', 'acme/search/nobody'],
    ['user', 'a user is told with its organisation, such as "acme/ada"', 'acme/'],
    ['user', 'a user is told with its organisation, such as "acme/ada"', '/ada'],
    ['user', 'a user is told with its organisation, such as "acme/ada"', 'other/ada'],
    ['user', '"a/b" is no name that a user can have', 'acme/a/b'],
    ['agent', '" " is no name that an agent can have', 'acme/ '],
    ['endUser', 'an endUser is told with its organisation, such as "acme/ada"', 'acme/'],
    ['endUser', 'an endUser has at most 256 characters, and this has 257', `acme/${long}`],
    ['run', 'a run has at most 256 characters, and this has 257', `acme/${long}`],
  ])('is refused for a budget by %s: %s', async (name, why, value) => {
    const answer = await topUp(name, value)
    expect([answer.status, answer.body.error]).toEqual([400, { code: 'invalid_request', message: `value: ${why}` }])
  })
})
