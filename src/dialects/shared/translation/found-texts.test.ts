import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../canonical/json.ts'
import { dialects } from '../../all.ts'
import type { DialectName } from '../../dialect.ts'
import { medium, text, toldIn, toolResult, toolUse, turns } from '../../laws/foreign-words.ts'

describe('what a search gave, as the result of a tool', () => {
  const found = medium(
    'document',
    { kind: 'blocks', blocks: [text('One.'), text('Two.')] },
    { title: 'T', foundAt: 's' },
  )
  const messages = turns(
    ['user', text('Hi')],
    ['assistant', toolUse('t1', 'search')],
    ['tool', toolResult('t1', [found])],
  )

  it.each<[DialectName, JsonObject]>([
    ['openai-chat', { content: ['One.', 'Two.'].map((words) => ({ type: 'text', text: words })) }],
    ['openai-responses', { output: ['One.', 'Two.'].map((words) => ({ type: 'input_text', text: words })) }],
    ['gemini-generate', { parts: [{ functionResponse: { response: { output: 'One.\nTwo.' } } }] }],
    ['cohere-chat', { content: [{ document: { data: { title: 'T', text: 'One.\nTwo.' } } }] }],
    ['ollama-chat', { content: 'One.\nTwo.' }],
  ])('is the text of it in %s', (name, last) => {
    const { translation } = dialects[name]
    if (!translation) throw new Error(`${name} has no words for chats`)
    const { messages: turnsTold, input, contents } = toldIn(translation, { messages }).body
    const list = turnsTold ?? input ?? contents
    expect(Array.isArray(list) ? list.at(-1) : undefined).toMatchObject(last)
  })
})
