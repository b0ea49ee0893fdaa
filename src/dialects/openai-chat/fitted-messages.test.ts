import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../canonical/json.ts'
import { fittedMessages } from './fitted-messages.ts'

const words = new Set(['short_call_ids'] as const)
const conversation = (...ids: readonly string[]): JsonObject => ({
  messages: [
    { role: 'user', content: 'Hi' },
    {
      role: 'assistant',
      content: null,
      tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })),
    },
    ...ids.map((id) => ({ role: 'tool', tool_call_id: id, content: 'done' })),
  ],
})
const idsIn = (messages: unknown) => JSON.stringify(messages).match(/(?<="(?:id|tool_call_id)":")[^"]*/g) ?? []

describe('ids of tool calls for a target that takes short ones only', () => {
  it('are nine letters or digits, the same in a call and in its result', () => {
    const [edit] = fittedMessages(conversation('call_abc', 'toolu_01A'), words)
    const ids = idsIn(edit?.value)
    expect(edit?.key).toBe('messages')
    expect(ids).toHaveLength(4)
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9]{9}$/)
    expect(ids.slice(0, 2)).toEqual(ids.slice(2))
    expect(ids[0]).not.toBe(ids[1])
  })

  it('stay as they are where they are short, as do bodies in which all are', () => {
    expect(fittedMessages(conversation('35bC59XSm'), words)).toEqual([])
    const [edit] = fittedMessages(conversation('35bC59XSm', 'call_1'), words)
    expect(idsIn(edit?.value)[0]).toBe('35bC59XSm')
    expect(fittedMessages({ messages: [{ role: 'user', content: 'call_1' }] }, words)).toEqual([])
  })

  it('are left to a target that takes any', () => {
    expect(fittedMessages(conversation('call_1'), undefined)).toEqual([])
    expect(fittedMessages(conversation('call_1'), new Set(['max_tokens'] as const))).toEqual([])
  })

  it('leave all else of the messages untouched, whatever they are', () => {
    expect(fittedMessages({ messages: 'none' }, words)).toEqual([])
    const odd = { messages: [null, 1, { tool_calls: [null, { id: 5 }], x: 1 }, { tool_call_id: 'call_1', y: [2] }] }
    const [edit] = fittedMessages(odd, words)
    expect(edit?.value).toMatchObject([null, 1, { tool_calls: [null, { id: 5 }], x: 1 }, { y: [2] }])
  })

  it('stay apart', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 50 }), (ids) => {
        const made = ids.flatMap((id) => {
          const [edit] = fittedMessages({ messages: [{ tool_call_id: `call_${id}` }] }, words)
          return [JSON.stringify(edit?.value)]
        })
        expect(new Set(made).size).toBe(ids.length)
      }),
    )
  })
})

it('turns of the developer are the system’s where the target knows no other', () => {
  const turns = [
    { role: 'developer', content: 'Be brief', x: 1 },
    { role: 'user', content: 'developer' },
  ]
  expect(fittedMessages({ messages: turns }, new Set(['system_role'] as const))).toEqual([
    { key: 'messages', value: [{ role: 'system', content: 'Be brief', x: 1 }, turns[1]] },
  ])
  expect(fittedMessages({ messages: turns.slice(1) }, new Set(['system_role'] as const))).toEqual([])
  expect(fittedMessages({ messages: turns }, words)).toEqual([])
})
