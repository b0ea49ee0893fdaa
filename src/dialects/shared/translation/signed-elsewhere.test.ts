import { describe, expect, it } from 'vitest'
import { isJsonObject, type Json, type JsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { dialects } from '../../all.ts'
import type { DialectName } from '../../dialect.ts'
import { markSignature, readMarkedSignature } from './signed-elsewhere.ts'

/** A client of one dialect talks to a model of another, and hands the model's thoughts back with its next call. */
const { 'openai-responses': responses, 'anthropic-messages': messages, 'openai-chat': chat } = dialects

const thinker = {
  id: 'resp_1',
  model: 'm',
  status: 'completed',
  output: [
    { id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 'gAAA' },
    { id: 'rs_2', type: 'reasoning', summary: [], encrypted_content: 'gBBB' },
    { id: 'fc_1', type: 'function_call', call_id: 'c1', name: 'go', arguments: '{}' },
  ],
}
const claude = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'c',
  content: [
    { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
    { type: 'redacted_thinking', data: 'cmVk' },
    { type: 'tool_use', id: 'c1', name: 'go', input: {} },
  ],
  stop_reason: 'tool_use',
}

describe('thoughts that a model of Responses encrypted', () => {
  it('come back to it from a client of Messages, and never to Anthropic', () => {
    const content = told(responses, messages, thinker)['content'] ?? []
    const call = { model: 'm', max_tokens: 9, messages: [{ role: 'assistant', content }] }
    expect(asked(messages, responses, call)['input']).toMatchObject([
      { type: 'reasoning', summary: [{ text: 'Hm.' }], encrypted_content: 'gAAA' },
      { type: 'reasoning', summary: [], encrypted_content: 'gBBB' },
      { type: 'function_call', call_id: 'c1' },
    ])
    const edits = messages.upstreamEdits(call, messages.readCall(call), 'm')
    expect(edits).toEqual([
      { key: 'messages', value: [{ role: 'assistant', content: [expect.objectContaining({ type: 'tool_use' })] }] },
    ])
  })

  it('come back to it from a client of chat completions', () => {
    const choices = told(responses, chat, thinker)['choices']
    const message = objectsIn(choices)[0]?.['message'] ?? {}
    expect(asked(chat, responses, { model: 'm', messages: [message] })['input']).toMatchObject([
      { type: 'reasoning', encrypted_content: 'gAAA' },
      { type: 'reasoning', encrypted_content: 'gBBB' },
      { type: 'function_call' },
    ])
  })
})

describe('thoughts that Anthropic signed', () => {
  it('come back to it from a client of Responses, and never to OpenAI', () => {
    const input = told(messages, responses, claude)['output'] ?? []
    const call = { model: 'm', input }
    expect(objectsIn(asked(responses, messages, call)['messages'])[0]?.['content']).toMatchObject(claude.content)
    const edits = responses.upstreamEdits(call, responses.readCall(call), 'm')
    expect(edits).toEqual([{ key: 'input', value: [expect.objectContaining({ type: 'function_call' })] }])
  })

  it('an unsigned thought of another model is never handed to OpenAI either', () => {
    const body = { choices: [{ index: 0, message: { role: 'assistant', content: 'Four.', reasoning_content: 'Hm.' } }] }
    const input = told(chat, responses, body)['output'] ?? []
    const call = { model: 'm', input }
    expect(objectsIn(responses.upstreamEdits(call, responses.readCall(call), 'm')[0]?.value)).toMatchObject([
      { type: 'message' },
    ])
  })
})

it('a mark holds the format and the signature, whatever is in it', () => {
  for (const signed of [
    { format: 'a-v1', signature: 'x:y:z' },
    { format: undefined, signature: '' },
  ])
    expect(readMarkedSignature(markSignature(signed))).toEqual(signed)
  expect(readMarkedSignature('gAAA')).toBeUndefined()
})

type Dialects = typeof dialects
type One = Dialects[DialectName]

function told(from: One, to: One, answer: JsonObject): JsonObject {
  const settings = { modelName: 'm', requestId: 'req_1', nowSeconds: 1, wantsStreamUsage: true }
  const heard = from.translation?.readAnswer(answer)
  return (heard && to.translation?.writeAnswer(heard, new Losses(), settings)) ?? {}
}

function asked(from: One, to: One, call: JsonObject): JsonObject {
  const heard = from.translation?.readChat(call)
  return (heard && to.translation?.writeChat(heard, new Losses(), { defaultOutputCapTokens: 9 })) ?? {}
}

function objectsIn(list: Json | undefined): readonly JsonObject[] {
  return Array.isArray(list) ? list.filter((one) => isJsonObject(one)) : []
}
