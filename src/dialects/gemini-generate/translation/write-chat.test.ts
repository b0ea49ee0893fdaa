import { describe, expect, it } from 'vitest'
import type { ChatCall, OutputFormat, Reasoning, Tool } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { edit } from '../../../canonical/origin.ts'
import { Losses } from '../../../canonical/loss.ts'
import {
  foreignCall,
  medium,
  said,
  text,
  thought,
  toldIn,
  toolResult,
  toolUse,
  turns,
} from '../../laws/foreign-words.ts'
import { translation } from './index.ts'

const hello = turns(['user', text('Hi')])
const tool = (name: string, index: number): Tool =>
  said<Tool>(
    { kind: 'function', name, description: undefined, schema: undefined, isStrict: undefined, cache: undefined },
    `tools[${index}]`,
  )
const contents = [{ role: 'user', parts: [{ text: 'Hi' }] }]

const format = said<OutputFormat>({ kind: 'json-object' }, 'outputFormat')
const f = tool('f', 0)
const fTold = [{ functionDeclarations: [{ name: 'f' }] }]

interface Case {
  readonly name: string
  readonly call: Partial<ChatCall>
  readonly body: JsonObject
  readonly losses?: readonly string[]
}

const cases: readonly Case[] = [
  {
    name: 'words of the system go up, and turns of one role become one',
    call: {
      messages: turns(
        ['system', text('Be brief.')],
        ['user', text('A')],
        ['user', text('B')],
        ['developer', text('Be kind.')],
      ),
    },
    body: {
      systemInstruction: { parts: [{ text: 'Be brief.' }, { text: 'Be kind.' }] },
      contents: [{ role: 'user', parts: [{ text: 'A' }, { text: 'B' }] }],
    },
    losses: ['~messages[3].role'],
  },
  {
    name: 'words of the system are the user’s where nobody else says anything',
    call: { messages: turns(['system', text('Hi')]) },
    body: { contents },
    losses: ['~messages[0].role'],
  },
  {
    name: 'results stand in a turn of their own, named as their calls are',
    call: {
      modelName: 'gemini-2.5-flash',
      messages: turns(
        ['user', text('Hi')],
        ['assistant', toolUse('c1', 'f', '{"a":1}')],
        ['user', toolResult('c1', [text('x')]), text('And?')],
        ['tool', toolResult('c2', [text('y')], true)],
      ),
    },
    body: {
      contents: [
        ...contents,
        { role: 'model', parts: [{ functionCall: { id: 'c1', name: 'f', args: { a: 1 } } }] },
        { role: 'user', parts: [{ functionResponse: { id: 'c1', name: 'f', response: { output: 'x' } } }] },
        { role: 'user', parts: [{ text: 'And?' }] },
        { role: 'user', parts: [{ functionResponse: { id: 'c2', name: 'c2', response: { error: 'y' } } }] },
      ],
    },
    losses: ['~messages[3].blocks[0].toolUseId'],
  },
  {
    name: 'a call that the model has not signed is let through by Gemini 3, the first of a turn',
    call: {
      modelName: 'gemini-3-pro-preview',
      messages: turns(['user', text('Hi')], ['assistant', toolUse('c1', 'f'), toolUse('c2', 'f')]),
    },
    body: {
      contents: [
        ...contents,
        {
          role: 'model',
          parts: [
            { functionCall: { id: 'c1', name: 'f', args: {} }, thoughtSignature: 'skip_thought_signature_validator' },
            { functionCall: { id: 'c2', name: 'f', args: {} } },
          ],
        },
      ],
    },
    losses: ['~messages[1].blocks[0].kind'],
  },
  {
    name: 'thoughts of other models are left out, its own are not',
    call: {
      messages: turns([
        'assistant',
        thought('Hm.', 'c2ln'),
        thought('So.', 'c2ln', { signatureFormat: 'google-gemini-v1' }),
        text('Yes.'),
      ]),
    },
    body: {
      contents: [
        { role: 'model', parts: [{ text: 'So.', thought: true, thoughtSignature: 'c2ln' }, { text: 'Yes.' }] },
      ],
    },
    losses: ['messages[0].blocks[0]'],
  },
  {
    name: 'pictures of results stand in them from Gemini 3 on',
    call: {
      modelName: 'gemini-3-flash',
      messages: turns([
        'user',
        toolResult('c1', [medium('image', { kind: 'base64', mediaType: 'image/png', base64: 'AAAA' })]),
      ]),
    },
    body: {
      contents: [
        {
          role: 'user',
          parts: [
            {
              functionResponse: {
                id: 'c1',
                name: 'c1',
                response: { output: '' },
                parts: [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }],
              },
            },
          ],
        },
      ],
    },
    losses: ['~messages[0].blocks[0].toolUseId'],
  },
  {
    name: 'and follow them before',
    call: {
      modelName: 'gemini-2.5-flash',
      messages: turns(['user', toolResult('c1', [medium('image', { kind: 'url', url: 'https://h/a.png' })])]),
    },
    body: {
      contents: [
        { role: 'user', parts: [{ functionResponse: { id: 'c1', name: 'c1', response: { output: '' } } }] },
        { role: 'user', parts: [{ fileData: { mimeType: 'image/png', fileUri: 'https://h/a.png' } }] },
      ],
    },
    losses: ['~messages[0].blocks[0].toolUseId', '~source'],
  },
  {
    name: 'and follow all results of parallel calls, which stay together',
    call: {
      modelName: 'gemini-2.5-flash',
      messages: turns(
        ['assistant', toolUse('c1', 'f'), toolUse('c2', 'f'), toolUse('c3', 'f')],
        ['tool', toolResult('c1', [medium('image', { kind: 'url', url: 'https://h/a.png' })])],
        ['tool', toolResult('c2', [text('x')])],
        ['user', toolResult('c3', [medium('image', { kind: 'url', url: 'https://h/b.png' })]), text('And?')],
      ),
    },
    body: {
      contents: [
        {
          role: 'model',
          parts: ['c1', 'c2', 'c3'].map((id) => ({ functionCall: { id, name: 'f', args: {} } })),
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { id: 'c1', name: 'f', response: { output: '' } } },
            { functionResponse: { id: 'c2', name: 'f', response: { output: 'x' } } },
            { functionResponse: { id: 'c3', name: 'f', response: { output: '' } } },
          ],
        },
        {
          role: 'user',
          parts: [
            { fileData: { mimeType: 'image/png', fileUri: 'https://h/a.png' } },
            { fileData: { mimeType: 'image/png', fileUri: 'https://h/b.png' } },
            { text: 'And?' },
          ],
        },
      ],
    },
    losses: ['~source'],
  },
  {
    name: 'a choice of a tool that is not told is lost',
    call: { messages: hello, toolChoice: { kind: 'named', name: 'f' } },
    body: { contents },
    losses: ['toolChoice'],
  },
  {
    name: 'before Gemini 3 the format stands back for tools',
    call: { modelName: 'gemini-2.5-flash', messages: hello, tools: [f], outputFormat: format },
    body: { contents, tools: fTold },
    losses: ['outputFormat'],
  },
  {
    name: 'and tools for the format, where none may be called',
    call: {
      modelName: 'gemini-2.5-flash',
      messages: hello,
      tools: [f],
      toolChoice: { kind: 'none' },
      outputFormat: format,
    },
    body: { contents, generationConfig: { responseMimeType: 'application/json' } },
    losses: ['tools[0]'],
  },
  {
    name: 'tools that are not told leave the format its place',
    call: {
      modelName: 'gemini-2.5-flash',
      messages: hello,
      tools: [said<Tool>({ kind: 'opaque', type: 'web_search' }, 'tools[0]')],
      outputFormat: format,
    },
    body: { contents, generationConfig: { responseMimeType: 'application/json' } },
    losses: ['tools[0]'],
  },
  {
    name: 'Gemini 3 takes both',
    call: { modelName: 'gemini-3-flash', messages: hello, tools: [f], outputFormat: format },
    body: { contents, tools: fTold, generationConfig: { responseMimeType: 'application/json' } },
  },
  {
    name: 'a seed that Google has no room for is told by its last 32 bits',
    call: { messages: hello, seed: 2 ** 32 + 7 },
    body: { contents, generationConfig: { seed: 7 } },
    losses: ['~seed'],
  },
  {
    name: 'the least seed that it has room for is told as it is',
    call: { messages: hello, seed: -(2 ** 31) },
    body: { contents, generationConfig: { seed: -(2 ** 31) } },
  },
  {
    name: 'of more stop sequences than Google takes the first are told',
    call: { messages: hello, stopSequences: ['a', 'b', 'c', 'd', 'e', 'f'] },
    body: { contents, generationConfig: { stopSequences: ['a', 'b', 'c', 'd', 'e'] } },
    losses: ['~stopSequences'],
  },
]

describe('a call of another dialect, in Gemini’s words', () => {
  it.each(cases)('$name', ({ call, body, losses = [] }) => {
    const told = toldIn(translation, call)
    expect(told).toEqual({ body: { model: call.modelName ?? 'm', ...body }, losses })
  })

  it.each<[string, Partial<Reasoning>, JsonObject | undefined, readonly string[]]>([
    ['gemini-3-flash', { effort: 'medium' }, { thinkingLevel: 'MEDIUM' }, []],
    ['gemini-3-pro-preview', { effort: 'medium' }, { thinkingLevel: 'LOW' }, ['~reasoning.effort']],
    ['gemini-3-flash', { effort: 'xhigh' }, { thinkingLevel: 'HIGH' }, ['~reasoning.effort']],
    ['gemini-3-flash', { effort: 'none' }, { thinkingLevel: 'MINIMAL' }, ['~reasoning.effort']],
    ['gemini-3-flash', { budgetTokens: 2000, mode: 'on' }, { thinkingBudget: 2000, includeThoughts: true }, []],
    ['gemini-2.5-flash', { effort: 'high' }, { thinkingBudget: 24_576 }, ['~reasoning.effort']],
    ['gemini-2.5-flash', { mode: 'off' }, { thinkingBudget: 0 }, []],
    ['gemini-2.5-flash', { budgetTokens: 24_576 }, { thinkingBudget: 24_576 }, []],
    ['gemini-2.5-flash', { budgetTokens: 31_999 }, { thinkingBudget: 24_576 }, ['~reasoning.budgetTokens']],
    ['gemini-2.5-flash-lite', { budgetTokens: 100 }, { thinkingBudget: 512 }, ['~reasoning.budgetTokens']],
    ['gemini-2.5-flash-lite', { budgetTokens: 0 }, { thinkingBudget: 0 }, []],
    ['gemini-2.5-pro', { budgetTokens: 60_000 }, { thinkingBudget: 32_768 }, ['~reasoning.budgetTokens']],
    ['gemini-2.5-pro', { budgetTokens: 100 }, { thinkingBudget: 128 }, ['~reasoning.budgetTokens']],
    ['gemini-2.5-pro', { mode: 'off' }, { thinkingBudget: 128 }, ['~reasoning.mode']],
    ['gemini-2.5-pro', { mode: 'adaptive', display: 'omitted' }, { thinkingBudget: -1, includeThoughts: false }, []],
    ['gemini-2.0-flash', { effort: 'low' }, undefined, ['reasoning.effort']],
  ])('%s is told to think %j as %j', (modelName, wish, thinkingConfig, losses) => {
    const nothing: Reasoning = { mode: undefined, effort: undefined, budgetTokens: undefined, display: undefined }
    const reasoning = said<Reasoning>({ ...nothing, ...wish }, 'reasoning')
    const told = toldIn(translation, { modelName, messages: hello, reasoning })
    expect(told.body['generationConfig']).toEqual(thinkingConfig && { thinkingConfig })
    expect(told.losses).toEqual(losses)
  })

  it('spells a name that Google refuses alike in the tool, the choice, the call and its result, and has the way back', () => {
    const tools = ['naïve tool', 'na_ve_tool', 'files.read', 'long'.repeat(40)].map(tool)
    const { body, losses } = toldIn(translation, {
      modelName: 'gemini-2.5-flash',
      messages: turns(
        ['user', text('Hi')],
        ['assistant', toolUse('c1', 'naïve tool')],
        ['tool', toolResult('c1', [text('x')])],
      ),
      tools,
      toolChoice: said<ChatCall['toolChoice'] & object>({ kind: 'named', name: 'naïve tool' }, 'toolChoice'),
    })
    const back = translation.toolNames?.(foreignCall({ tools }))
    const spelled = [...(back?.keys() ?? [])]
    for (const name of spelled) expect(name).toMatch(/^[a-zA-Z0-9_:.-]{1,128}$/)
    expect([...(back?.values() ?? [])]).toEqual(['naïve tool', 'long'.repeat(40)])
    const [name, longName] = spelled
    expect(body['contents']).toEqual([
      ...contents,
      { role: 'model', parts: [{ functionCall: { id: 'c1', name, args: {} } }] },
      { role: 'user', parts: [{ functionResponse: { id: 'c1', name, response: { output: 'x' } } }] },
    ])
    const functionDeclarations = [name, 'na_ve_tool', 'files.read', longName].map((told) => ({ name: told }))
    expect(body['tools']).toEqual([{ functionDeclarations }])
    expect(body['toolConfig']).toEqual({ functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [name] } })
    expect(losses).toEqual(['~messages[1].blocks[0].name', '~tools[0].name', '~tools[3].name'])
  })

  it('keeps the caller’s spelling where a call of its own was edited', () => {
    const body = {
      model: 'm',
      contents: [{ parts: [{ text: 'Hi' }] }],
      generation_config: { max_output_tokens: 9, top_p: 0.5, unknown_one: 1 },
    }
    const call = translation.readChat(body)
    const told = translation.writeChat(edit(call, { outputCapTokens: 5 }), new Losses(), { defaultOutputCapTokens: 1 })
    expect(told).toEqual({ ...body, generation_config: { max_output_tokens: 5, top_p: 0.5, unknown_one: 1 } })
  })
})
