import { describe, expect, it } from 'vitest'
import type { ChatCall, Tool } from '../../../canonical/chat.ts'
import { foreignCall, said, text, toldIn, toolUse, turns } from '../../laws/foreign-words.ts'
import { translation as chat } from '../../openai-chat/translation/index.ts'
import { translation as responses } from '../../openai-responses/translation/index.ts'

const tool = (name: string, place: number): Tool =>
  said<Tool>(
    { kind: 'function', name, description: undefined, schema: undefined, isStrict: undefined, cache: undefined },
    `tools[${place}]`,
  )

describe.each([
  ['Chat Completions', chat, 64],
  ['Responses', responses, 128],
])('names of tools that OpenAI does not take, in %s', (_, translation, longest) => {
  const names = ['a.b:c', 'a_b_c', `${'n'.repeat(longest)}1`, `${'n'.repeat(longest)}2`, 'n'.repeat(longest)]
  const tools = names.map(tool)
  const spelled = (words: Partial<ChatCall>) => namesIn(toldIn(translation, words).body)

  it('are spelled legally and apart, and have a way back', () => {
    const told = spelled({ tools })
    const legal = new RegExp(`^[a-zA-Z0-9_-]{1,${longest}}$`)
    for (const name of told) expect(name).toMatch(legal)
    expect(new Set(told).size).toBe(names.length)
    expect([told[1], told[4]]).toEqual([names[1], names[4]])
    const back = translation.toolNames?.(foreignCall({ tools }))
    expect(told.map((name) => back?.get(name) ?? name)).toEqual(names)
  })

  it('are spelled alike in tools, the choice of one and earlier calls, and named as approximated', () => {
    const messages = turns(['user', text('Hi')], ['assistant', toolUse('t1', 'a.b:c')])
    const toolChoice = said<ChatCall['toolChoice'] & object>({ kind: 'named', name: 'a.b:c' }, 'toolChoice')
    const words = { messages, tools: tools.slice(0, 2), toolChoice }
    const [told] = spelled({ tools })
    expect(spelled(words).toSorted()).toEqual([told, told, told, 'a_b_c'].toSorted())
    expect(toldIn(translation, words).losses).toEqual(
      expect.arrayContaining(['~tools[0].name', '~toolChoice.name', '~messages[1].blocks[0].name']),
    )
  })
})

/** Every name within, in their order. */
function namesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) =>
    key === 'name' && typeof one === 'string' ? [one] : namesIn(one),
  )
}
