import { expect, it } from 'vitest'
import { dialects } from '../../dialects/all.ts'
import { AnswerEar, mostHeardBytes } from './answer-ear.ts'

const { translation } = dialects['openai-chat']
const chunk = (delta: object, index = 0) =>
  Buffer.from(JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', choices: [{ index, delta }] }))

it('puts the texts of each choice together from the frames of a stream', () => {
  const ear = new AnswerEar(translation)
  ear.frame('', chunk({ role: 'assistant', content: 'ada@exa' }))
  ear.frame('', chunk({ content: 'other' }, 1))
  ear.frame('', chunk({ content: 'mple.com' }))
  const call = { index: 0, id: 't1', function: { name: 'go', arguments: '{"a":' } }
  ear.frame('', chunk({ tool_calls: [call] }))
  ear.frame('', chunk({ tool_calls: [{ index: 0, function: { arguments: '1}' } }] }))
  expect(ear.texts().map(({ path, place, text, isJsonText }) => [path.split('/')[0], place, text, isJsonText])).toEqual(
    [
      ['0', 'assistant', 'ada@example.com', false],
      ['1', 'assistant', 'other', false],
      ['0', 'tool-arguments', '{"a":1}', true],
    ],
  )
})

it('keeps its own copy of what came, and no more than it may', () => {
  const ear = new AnswerEar(translation)
  const bytes = chunk({ content: 'kept' })
  ear.frame('', bytes)
  bytes.fill(0)
  ear.frame('', Buffer.alloc(mostHeardBytes))
  expect(ear.texts().map(({ text }) => text)).toEqual(['kept'])
  expect(ear.bytes).toBe(bytes.length)
  const large = new AnswerEar(translation)
  large.whole({ text: 'x' }, mostHeardBytes + 1)
  expect([large.texts(), large.bytes]).toEqual([[], 0])
})

it('reads whole answers of any dialect, and streams only where its dialect has words for them', () => {
  const ear = new AnswerEar(undefined)
  ear.frame('', chunk({ content: 'nobody knows' }))
  expect(ear.texts()).toEqual([])
  ear.whole({ data: [{ revised_prompt: 'a lake' }] }, 40)
  expect(ear.texts()).toMatchObject([{ path: 'data[0].revised_prompt', place: 'assistant', text: 'a lake' }])
})

it('puts the texts of one kind together, in whichever blocks and parts they come', () => {
  const { translation: anthropic } = dialects['anthropic-messages']
  const ear = new AnswerEar(anthropic)
  const block = (index: number, content_block: object, delta: object) => {
    ear.frame('', Buffer.from(JSON.stringify({ type: 'content_block_start', index, content_block })))
    ear.frame('', Buffer.from(JSON.stringify({ type: 'content_block_delta', index, delta })))
    ear.frame('', Buffer.from(JSON.stringify({ type: 'content_block_stop', index })))
  }
  block(0, { type: 'text', text: '' }, { type: 'text_delta', text: 'ada@exa' })
  const input = { type: 'input_json_delta', partial_json: '{}' }
  block(1, { type: 'tool_use', id: 't1', name: 'go', input: {} }, input)
  block(2, { type: 'text', text: '' }, { type: 'text_delta', text: 'mple.com' })
  expect(ear.texts().map(({ path, text }) => [path, text])).toEqual([
    ['0/0', 'ada@example.com'],
    ['0/1', '{}'],
  ])
  const whole = new AnswerEar(anthropic)
  const text = (said: string) => ({ type: 'text', text: said })
  whole.whole({ content: [text('ada@exa'), { type: 'tool_use', name: 'go', input: {} }, text('mple.com')] }, 40)
  expect(whole.texts().map(({ text: said }) => said)).toContain('ada@example.com')
})
