import { describe, expect, it } from 'vitest'
import { readState, storedIdsIn } from './read-state.ts'

describe('what of a response its provider keeps', () => {
  it('B4: is told of every tool that names it', () => {
    const tools = [
      { type: 'file_search', vector_store_ids: ['vs_1', 'vs_2'] },
      { type: 'code_interpreter', container: 'cntr_1' },
      { type: 'code_interpreter', container: { type: 'auto', file_ids: ['file-1'] } },
    ]
    expect(readState({ conversation: { id: 'conv_1' }, tools }, [])).toEqual([
      { kind: 'conversation', id: 'conv_1', param: 'conversation' },
      { kind: 'store', id: 'vs_1', param: 'tools[0].vector_store_ids[0]' },
      { kind: 'store', id: 'vs_2', param: 'tools[0].vector_store_ids[1]' },
      { kind: 'container', id: 'cntr_1', param: 'tools[1].container' },
      { kind: 'file', id: 'file-1', param: 'tools[2].container.file_ids[0]' },
    ])
  })

  it('are the containers that it ran code in, also where the response itself is not kept', () => {
    const output = [{ id: 'ci_1', type: 'code_interpreter_call', container_id: 'cntr_1' }]
    expect(storedIdsIn({ id: 'resp_1', conversation: null, output })).toEqual(['resp_1', 'ci_1', 'cntr_1'])
    expect(storedIdsIn({ id: 'resp_1', store: false, output })).toEqual(['cntr_1'])
  })
})
