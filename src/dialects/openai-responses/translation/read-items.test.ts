import { describe, expect, it } from 'vitest'
import { readMessages } from './read-items.ts'

describe('a result of a call in Responses', () => {
  const call = { type: 'function_call', call_id: 'f', name: 'ls', arguments: '{}' }
  const shell = {
    type: 'local_shell_call',
    call_id: 's',
    status: 'completed',
    action: { type: 'exec', command: ['ls'] },
  }
  const outputOf = (id: string) => ({ type: 'function_call_output', call_id: id, output: 'a.txt' })

  it('that only OpenAI has a word for has none elsewhere either', () => {
    expect(readMessages({ input: [call, shell, outputOf('s'), outputOf('f')] })).toMatchObject([
      {
        role: 'assistant',
        blocks: [
          { kind: 'tool-use', id: 'f' },
          { kind: 'opaque', type: 'local_shell_call' },
        ],
      },
      { role: 'user', blocks: [{ kind: 'opaque', type: 'a result of local_shell_call' }] },
      { role: 'tool', blocks: [{ kind: 'tool-result', toolUseId: 'f' }] },
    ])
  })
})
