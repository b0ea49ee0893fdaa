import { describe, expect, it } from 'vitest'
import { isJsonObject, type Json, type JsonObject } from '../../../canonical/json.ts'
import { Losses, lossesText } from '../../../canonical/loss.ts'
import { dialects } from '../../all.ts'
import { chatDialectNames } from '../../dialect.ts'
import { framesIn } from '../../laws/exchanges.ts'
import { answerSettings, close, end, more, open, start } from '../../laws/foreign-words.ts'
import { ArgumentsInput } from './custom-tools.ts'

const patch = '*** Begin Patch\n+say "hi"\\n 😀\n*** End Patch'
const format = { type: 'grammar', syntax: 'lark', definition: 'start: "*** Begin Patch"' }
const described = { name: 'apply_patch', description: 'Edits files.' }

/** A coding agent that has called its custom tool, and hands the result back. */
const asked = {
  'openai-responses': {
    model: 'm',
    input: [
      { role: 'user', content: 'Patch it.' },
      { type: 'custom_tool_call', id: 'ctc_1', status: 'completed', call_id: 'c1', name: 'apply_patch', input: patch },
      { type: 'custom_tool_call_output', call_id: 'c1', output: 'Done!' },
    ],
    tools: [{ type: 'custom', ...described, format }],
    tool_choice: { type: 'custom', name: 'apply_patch' },
  },
  'openai-chat': {
    model: 'm',
    messages: [
      { role: 'user', content: 'Patch it.' },
      { role: 'assistant', tool_calls: [{ id: 'c1', type: 'custom', custom: { name: 'apply_patch', input: patch } }] },
      { role: 'tool', tool_call_id: 'c1', content: 'Done!' },
    ],
    tools: [{ type: 'custom', custom: { ...described, format: { type: 'grammar', grammar: format } } }],
    tool_choice: { type: 'custom', custom: { name: 'apply_patch' } },
  },
} as const

const roughly = {
  'openai-responses': '~tools[0].type, ~tools[0].format, ~input[1].type',
  'openai-chat': '~tools[0].type, ~tools[0].custom.format, ~messages[1].tool_calls[0].type',
} as const

describe.each(['openai-responses', 'openai-chat'] as const)('a custom tool in a call of %s', (client) => {
  const others = chatDialectNames.filter((name) => name !== client && name !== 'openai-completions')

  it.each(others)('is a function with one argument in one of %s, which the losses name', (provider) => {
    const losses = new Losses()
    const chat = dialects[client].translation.readChat(asked[client])
    const body = dialects[provider].translation.writeChat(chat, losses, { defaultOutputCapTokens: 9 })
    const text = JSON.stringify(body)
    expect(text).toContain('The whole input of the tool, as plain text.')
    expect(text).toContain('Lark grammar')
    expect(text).toContain('Edits files.')
    expect(text).toContain('Done!')
    expect(stringsIn(body).some((said) => said === patch || said === JSON.stringify({ input: patch }))).toBe(true)
    const named = lossesText(losses.list())?.split(', ') ?? []
    expect(named).toEqual(expect.arrayContaining(roughly[client].split(', ')))
    expect(named.filter((path) => !path.startsWith('~') && !path.startsWith('tool_choice'))).toEqual([])
  })

  it('goes back to its own dialect word for word', () => {
    const { translation } = dialects[client]
    const losses = new Losses()
    expect(
      translation.writeChat(translation.readChat(asked[client]), losses, { defaultOutputCapTokens: 9 }),
    ).toStrictEqual(asked[client])
    expect(losses.list()).toEqual([])
  })

  const call = (id: string, ...pieces: readonly string[]) => [
    start(0, { kind: 'tool-use', id, name: 'apply_patch', signature: undefined }),
    ...pieces.map((text) => more(0, { kind: 'arguments', text })),
    end(0),
  ]
  const settings = { ...answerSettings, asked: asked[client] }

  it.each([
    ['the one argument', [JSON.stringify({ input: patch })], patch, undefined],
    ['nothing', [], '', undefined],
    ['plain text', [patch], patch, '~choices[0].blocks[0]'],
    ['other arguments too', ['{"input":"x","why":1}'], 'x', '~choices[0].blocks[0]'],
    ['another argument', ['{"patch":"x"}'], '{"patch":"x"}', '~choices[0].blocks[0]'],
  ])('is called with plain text where a model gave %s, in a body and in a stream', (_, pieces, input, loss) => {
    const events = [open, ...call('c1', ...pieces), close('tool-use')]
    const { translation } = dialects[client]
    const losses = [new Losses(), new Losses()] as const
    const body = translation.writeAnswer({ events, wire: undefined }, losses[0], settings)
    const writer = translation.openFrames(losses[1], settings)
    const text = events.map((event) => writer.write({ events: [event], wire: undefined })).join('') + writer.end()
    expect(calledIn(body)).toEqual({ id: 'c1', name: 'apply_patch', input })
    expect(streamedCall(text)).toEqual({ id: 'c1', name: 'apply_patch', input })
    for (const one of losses) expect(lossesText(one.list())).toBe(loss)
  })
})

describe('arguments that come in pieces', () => {
  const text = ` { "input" : ${JSON.stringify(patch).replace('😀', '\\ud83d\\ude00')}}\n`

  it('give the input in pieces, wherever they are cut', () => {
    for (let first = 0; first <= text.length; first += 1)
      for (let second = first; second <= text.length; second += 7) {
        const input = new ArgumentsInput()
        const cut = [text.slice(0, first), text.slice(first, second), text.slice(second)]
        const told = cut.map((piece) => input.add(piece))
        for (const piece of told) expect(piece.isWellFormed()).toBe(true)
        const { input: rest, isExact } = input.end()
        expect([told.join('') + rest, isExact]).toEqual([patch, true])
      }
  })

  it('give it before they are whole', () => {
    const input = new ArgumentsInput()
    expect([input.add('{"inp'), input.add('ut":"*** Be'), input.add('gin\\'), input.add('n+x')]).toEqual([
      '',
      '*** Be',
      'gin',
      '\n+x',
    ])
  })

  it.each([
    ['{"input":"cut o', 'cut o'],
    ['{"input":"a\\', 'a\\'],
    ['{"input":"a\\uZZ"}', 'a\\uZZ"}'],
    ['{"inp', '{"inp'],
    ['{"input":3}', '{"input":3}'],
    ['[]', '[]'],
  ])('are the input as they are where they are not as asked: %s', (given, expected) => {
    const input = new ArgumentsInput()
    const told = input.add(given)
    const { input: rest, isExact } = input.end()
    expect([told + rest, isExact]).toEqual([expected, false])
  })
})

function stringsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap((one) => stringsIn(one)) : []
}

/** The one call of a custom tool in a body of either dialect. */
function calledIn(body: JsonObject): unknown {
  const { output, choices } = body
  const item = Array.isArray(output) ? objectOf(output[0]) : undefined
  if (item) {
    expect(item['type']).toBe('custom_tool_call')
    return { id: item['call_id'], name: item['name'], input: item['input'] }
  }
  const message = Array.isArray(choices) ? objectOf(objectOf(choices[0])['message']) : {}
  const [call] = Array.isArray(message['tool_calls']) ? message['tool_calls'].map(objectOf) : []
  expect(call?.['type']).toBe('custom')
  return { id: call?.['id'], ...objectOf(call?.['custom']) }
}

/** The same of a stream, put together from its pieces; what tells it whole must say the same. */
function streamedCall(text: string): unknown {
  let call: { id: Json; name: Json; input: string } | undefined
  for (const { data } of framesIn(Buffer.from(text))) {
    if (data === '[DONE]') continue
    const value: Json = JSON.parse(data)
    const frame = objectOf(value)
    const item = objectOf(frame['item'])
    switch (frame['type']) {
      case 'response.output_item.added':
        call = { id: item['call_id'] ?? null, name: item['name'] ?? null, input: '' }
        continue
      case 'response.custom_tool_call_input.delta':
        if (call) call.input += String(frame['delta'])
        continue
      case 'response.custom_tool_call_input.done':
        expect(frame['input']).toBe(call?.input)
        continue
      case 'response.output_item.done':
        expect(item['input']).toBe(call?.input)
        continue
      case 'response.completed':
        expect(calledIn(objectOf(frame['response']))).toEqual(call)
        continue
      default:
    }
    const choices = frame['choices']
    const delta = Array.isArray(choices) ? objectOf(objectOf(choices[0])['delta']) : {}
    for (const piece of Array.isArray(delta['tool_calls']) ? delta['tool_calls'].map(objectOf) : []) {
      const custom = objectOf(piece['custom'])
      call ??= { id: piece['id'] ?? null, name: custom['name'] ?? null, input: '' }
      call.input += String(custom['input'] ?? '')
    }
  }
  return call
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}
