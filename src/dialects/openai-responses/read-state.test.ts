import { describe, expect, it } from 'vitest'
import { readState, storedIn } from './read-state.ts'

describe('what of a response its provider keeps', () => {
  it('is an item of which a call holds no more than the name', () => {
    const input = [
      { type: 'item_reference', id: 'msg_1' },
      { id: 'msg_2' },
      { type: 'image_generation_call', id: 'ig_1' },
      { type: 'image_generation_call', id: 'ig_2', status: 'completed', revised_prompt: 'a cat', result: null },
      { type: 'code_interpreter_call', id: 'ci_1', status: 'completed' },
      { type: 'reasoning', id: 'rs_1', summary: [] },
    ]
    expect(readState({ conversation: { id: 'conv_1' } }, input)).toEqual([
      { kind: 'conversation', id: 'conv_1', param: 'conversation' },
      { kind: 'answer', id: 'msg_1', param: 'input[0].id' },
      { kind: 'answer', id: 'msg_2', param: 'input[1].id' },
      { kind: 'answer', id: 'ig_1', param: 'input[2].id' },
      { kind: 'answer', id: 'ig_2', param: 'input[3].id' },
      { kind: 'answer', id: 'ci_1', param: 'input[4].id' },
      { kind: 'thought', id: 'rs_1', param: 'input[5].id' },
    ])
  })

  it('is none that says what it is', () => {
    const input = [
      { type: 'message', id: 'msg_1', role: 'assistant', content: [] },
      { id: 'msg_2', role: 'user', content: 'Hello' },
      { type: 'image_generation_call', id: 'ig_1', status: 'completed', result: 'aQ==' },
      { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'f', arguments: '' },
      { type: 'function_call_output', call_id: 'call_1', output: 'done' },
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'x' },
    ]
    expect(readState({}, input)).toEqual([])
  })

  it('are the containers that it ran code in, also where the response itself is not kept', () => {
    const output = [{ id: 'ci_1', type: 'code_interpreter_call', container_id: 'cntr_1' }]
    expect(storedIn({ id: 'resp_1', conversation: null, output })).toEqual({
      storedIds: ['resp_1', 'ci_1', 'cntr_1'],
    })
    expect(storedIn({ id: 'resp_1', store: false, output })).toEqual({ storedIds: ['cntr_1'] })
    const environment = { type: 'container_reference', container_id: 'cntr_2' }
    const shell = [{ id: 'sh_1', type: 'shell_call', environment }]
    expect(storedIn({ id: 'resp_2', store: false, output: shell })).toEqual({ storedIds: ['cntr_2'] })
  })

  it('are items of a conversation for as long as that is kept', () => {
    const output = [{ id: 'msg_1', type: 'message', role: 'assistant', content: [] }]
    expect(storedIn({ id: 'resp_1', conversation: { id: 'conv_1' }, output })).toEqual({
      storedIds: ['resp_1', 'conv_1'],
      itemIds: ['msg_1'],
    })
  })
})
