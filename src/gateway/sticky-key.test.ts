import { expect, it } from 'vitest'
import type { Principal } from '../canonical/principal.ts'
import { dialects } from '../dialects/all.ts'
import { readAsked } from './read-asked.ts'
import { stickyKeyOf } from './sticky-key.ts'

const principal: Principal = {
  organisation: 'acme',
  team: undefined,
  project: undefined,
  user: undefined,
  agent: undefined,
  keyId: 'k',
  keyName: 'ci',
  allowedModels: [],
  requiredTags: [],
  limits: [],
  budgets: [],
  runId: undefined,
  metadata: {},
}

const long = 'x'.repeat(500_000)

function prefixKey({ tool = 'a', system = 'be kind', first = 'hello', later = [] as readonly object[] }) {
  const call = {
    model: 'm',
    tools: [{ type: 'function', function: { name: 'look', description: tool, parameters: { type: 'object' } } }],
    messages: [{ role: 'system', content: system }, { role: 'user', content: first }, ...later],
  }
  const asked = readAsked(dialects['openai-chat'], Buffer.from(JSON.stringify(call)))
  return stickyKeyOf({ by: 'prefix' }, asked, principal, { one: () => undefined, times: () => 0 })
}

it.each([
  ['tools', { tool: long }, ['system', 'first']],
  ['a system turn', { system: long }, ['tool', 'first']],
  ['a first turn', { first: long }, ['tool', 'system']],
])('prefix: however long %s may be, the rest counts too, and its own end', (_, head, rest) => {
  const keys = [prefixKey(head), ...rest.map((part) => prefixKey({ ...head, [part]: 'other' }))]
  const ends = Object.keys(head).map((part) => prefixKey({ ...head, [part]: `${long}.` }))
  expect(new Set([...keys, ...ends]).size).toBe(4)
})

it('prefix: what follows the first turn of the user does not count', () => {
  const later = [
    { role: 'assistant', content: 'hi' },
    { role: 'user', content: 'go on' },
  ]
  expect(prefixKey({ later })).toBe(prefixKey({}))
})
