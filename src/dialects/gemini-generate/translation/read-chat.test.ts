import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../../canonical/error.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { edit, originOf } from '../../../canonical/origin.ts'
import { readChat } from './read-chat.ts'
import { writeChat } from './write-chat.ts'

const read = (more: JsonObject) => readChat({ model: 'models/m', contents: [{ parts: [{ text: 'Hi' }] }], ...more })

describe('a call in Gemini’s words', () => {
  it('says the same in both spellings', () => {
    const camel = read({
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      generationConfig: { maxOutputTokens: 9, topP: 0.5, thinkingConfig: { thinkingBudget: 5 } },
    })
    const snake = read({
      system_instruction: { parts: [{ text: 'Be brief.' }] },
      generation_config: { max_output_tokens: 9, top_p: 0.5, thinking_config: { thinking_budget: 5 } },
    })
    expect(snake).toEqual(camel)
    expect(camel).toMatchObject({ modelName: 'm', outputCapTokens: 9, topP: 0.5, reasoning: { budgetTokens: 5 } })
    expect(originOf(snake)?.heard).toMatchObject({ outputCapTokens: 'generation_config.max_output_tokens' })
  })

  it('pairs results with calls by name and order where ids are left out', () => {
    const call = (name: string) => ({ functionCall: { name, args: {} } })
    const result = (name: string, output: string) => ({ functionResponse: { name, response: { output } } })
    const { messages } = read({
      contents: [
        { parts: [{ text: 'Hi' }] },
        { role: 'model', parts: [call('a'), call('b'), call('a')] },
        { parts: [result('b', '1'), result('a', '2'), result('a', '3'), result('c', '4')] },
      ],
    })
    const ids = messages[1]?.blocks.map((block) => (block.kind === 'tool-use' ? block.id : undefined))
    const answered = messages[2]?.blocks.map((block) => (block.kind === 'tool-result' ? block.toolUseId : undefined))
    expect(new Set(ids).size).toBe(3)
    expect(answered).toEqual([ids?.[1], ids?.[0], ids?.[2], 'call_of_2_3'])
  })

  it('reads the pieces of a streamed answer, each a content of its own, as one turn', () => {
    const model = (...parts: readonly JsonObject[]) => ({ role: 'model', parts })
    const call = { functionCall: { id: 'c1', name: 'f', args: {} } }
    const contents = [
      { role: 'user', parts: [{ text: 'One.' }, { text: 'Two.' }] },
      model({ text: 'I th', thought: true }),
      model({ text: 'ink.', thought: true }),
      model({ text: 'Line one' }),
      model({ text: '\n\n' }, { text: 'Line two' }),
      model({ text: '', thoughtSignature: 'c2ln' }),
      model(call),
      { role: 'user', parts: [{ functionResponse: { id: 'c1', name: 'f', response: { output: 'x' } } }] },
    ]
    const chat = read({ contents })
    expect(chat.messages).toMatchObject([
      { role: 'user', blocks: [{ text: 'One.' }, { text: 'Two.' }] },
      {
        role: 'assistant',
        blocks: [
          { kind: 'thought', text: 'I think.' },
          { kind: 'text', text: 'Line one\n\nLine two' },
          { kind: 'text', text: '', signature: 'c2ln' },
          { kind: 'tool-use', id: 'c1' },
        ],
      },
      { role: 'user', blocks: [{ kind: 'tool-result', toolUseId: 'c1' }] },
    ])
    const [, turn] = chat.messages
    expect(turn && originOf(turn)?.path).toBe('contents[1]')
    expect(turn?.blocks.map((block) => originOf(block)?.path)).toEqual([
      'contents[1].parts[0]',
      'contents[3].parts[0]',
      'contents[5].parts[0]',
      'contents[6].parts[0]',
    ])
    // Where another turn is edited, the pieces stay what they were.
    const [first, ...others] = chat.messages
    const edited = edit(chat, { messages: [...(first ? [edit(first, { blocks: [] })] : []), ...others] })
    expect(writeChat(edited, new Losses(), { defaultOutputCapTokens: 1 })['contents']).toEqual([
      { role: 'user', parts: [] },
      ...contents.slice(1),
    ])
  })

  it.each([
    [{ output: 'x' }, [{ kind: 'text', text: 'x' }], undefined],
    [{ error: 'x' }, [{ kind: 'text', text: 'x' }], true],
    [{ output: { a: 1 } }, [{ kind: 'json', value: { a: 1 } }], undefined],
    [{ error: ['x'] }, [{ kind: 'json', value: ['x'] }], true],
    // Without one of the two words, the whole is the output.
    [{ error: 'x', at: 1 }, [{ kind: 'json', value: { error: 'x', at: 1 } }], undefined],
    [{}, [], undefined],
  ])('the response %j is the result %j', (response, blocks, isError) => {
    const contents = [{ parts: [{ functionResponse: { id: 'c1', name: 'f', response } }] }]
    const [block] = read({ contents }).messages[0]?.blocks ?? []
    expect(block).toMatchObject({ kind: 'tool-result', toolUseId: 'c1', blocks })
    expect(block).toHaveProperty('isError', isError)
    const heard = block && originOf(block)?.heard
    expect(heard?.['isError']).toBe(isError && 'functionResponse.response.error')
  })

  it.each([
    [{ functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] } }, { kind: 'named', name: 'f' }],
    [{ functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f', 'g'] } }, { kind: 'any' }],
    [{ functionCallingConfig: { mode: 'none' } }, { kind: 'none' }],
    [{ functionCallingConfig: { mode: 'VALIDATED' } }, { kind: 'opaque', type: 'VALIDATED' }],
    [{ functionCallingConfig: {} }, { kind: 'auto' }],
    [{}, undefined],
  ])('the tool config %j is the choice %j', (toolConfig, choice) => {
    expect(read({ toolConfig }).toolChoice).toEqual(choice)
  })

  it('tells Google’s own schemas as JSON Schema', () => {
    const parameters = {
      type: 'OBJECT',
      properties: {
        type: { type: 'STRING', enum: ['a'], nullable: true },
        list: { type: 'ARRAY', minItems: '2', items: { anyOf: [{ type: 'NUMBER' }, { type: 'BOOLEAN' }] } },
      },
      propertyOrdering: ['type', 'list'],
    }
    const tools = [{ functionDeclarations: [{ name: 'f', parameters }] }]
    expect(read({ tools }).tools).toMatchObject([
      {
        schema: {
          type: 'object',
          properties: {
            type: { type: ['string', 'null'], enum: ['a', null] },
            list: { type: 'array', minItems: 2, items: { anyOf: [{ type: 'number' }, { type: 'boolean' }] } },
          },
        },
      },
    ])
  })

  it('knows files of Google’s from pages that anybody can read, and either alphabet of base64', () => {
    const uri = 'https://generativelanguage.googleapis.com/v1beta/files/f1'
    const parts = [
      { fileData: { fileUri: uri, mimeType: 'application/pdf' } },
      { fileData: { fileUri: 'https://example.com/a.png', mimeType: 'image/png' } },
      { inlineData: { mimeType: 'image/png', data: '_-8=' } },
      { inlineData: { mimeType: 'video/mp4', data: 'AAAA' } },
    ]
    expect(read({ contents: [{ parts }] }).messages[0]?.blocks).toMatchObject([
      { kind: 'document', source: { kind: 'file', fileId: uri } },
      { kind: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } },
      { kind: 'image', source: { kind: 'base64', base64: '/+8=' } },
      { kind: 'opaque', type: 'inlineData' },
    ])
  })

  it.each([
    ['contents', {}],
    ['contents', { contents: ['Hi'] }],
    ['contents[0].role', { contents: [{ role: 'system', parts: [] }] }],
  ])('is refused by the name of %s', (param, body: JsonObject) => {
    const { contents: _contents, ...rest } = { contents: null, model: 'm' }
    expect(() => readChat({ ...rest, ...body })).toThrow(
      expect.objectContaining({ constructor: GatewayError, kind: 'invalid_request', param }),
    )
  })
})
