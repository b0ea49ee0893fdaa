import { describe, expect, it } from 'vitest'
import { dialects } from '../../all.ts'
import type { DialectName } from '../../dialect.ts'
import { medium, text, toldIn, toolUse, turns } from '../../laws/foreign-words.ts'

const sound = () => medium('audio', { kind: 'file', fileId: 'f1' })

const names = [
  'openai-chat',
  'anthropic-messages',
  'openai-responses',
  'gemini-generate',
  'bedrock-converse',
  'cohere-chat',
  'ollama-chat',
] as const satisfies readonly DialectName[]

describe.each(names)('a turn of which nothing has a word in %s', (name) => {
  const { translation } = dialects[name]
  if (!translation) throw new Error(`${name} has no words for chats`)
  const listOf = (messages: ReturnType<typeof turns>) => {
    const { body, losses } = toldIn(translation, { messages })
    const list = body['messages'] ?? body['input'] ?? body['contents']
    return { told: Array.isArray(list) ? list.length : 0, losses }
  }

  it('is left out by name where others follow it', () => {
    const { told, losses } = listOf(turns(['user', sound()], ['user', text('What is it?')]))
    expect(told).toBe(1)
    expect(losses).toEqual(['messages[0].blocks[0]', '~messages[0].blocks', '~messages[0].role'])
  })

  it.each([
    ['alone', turns(['user', sound()])],
    ['after an answer', turns(['user', text('Hi')], ['assistant', text('Hello')], ['user', sound()])],
    ['beside words of the system only', turns(['system', text('Be brief.')], ['user', sound()])],
  ])('is refused where it is to be answered: %s', (_, messages) => {
    const path = `messages[${messages.length - 1}]`
    expect(() => toldIn(translation, { messages })).toThrow(
      expect.objectContaining({
        kind: 'unsupported',
        param: path,
        message: expect.stringContaining(`nothing of ${path}, which is to be answered, can be told to this target (`),
      }),
    )
  })

  it('of the assistant is left out, too', () => {
    const messages = turns(
      ['user', text('Hi')],
      ['assistant', text('')],
      ['user', text('Well?')],
      ['assistant', toolUse('a', 'f')],
    )
    expect(listOf(messages).losses).toEqual(expect.arrayContaining(['~messages[1].blocks', '~messages[1].role']))
  })
})
