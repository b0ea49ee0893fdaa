import { describe, expect, it } from 'vitest'
import { readCall, upstreamEdits } from './read-call.ts'
import { unsignedMark } from './unsigned-thoughts.ts'

const unsigned = { type: 'thinking', thinking: 'hm', signature: unsignedMark }
const signed = { type: 'thinking', thinking: 'hm', signature: 'sig' }
const words = { type: 'text', text: 'yes' }

const editsOf = (messages: readonly object[]) => {
  const body = JSON.parse(JSON.stringify({ model: 'm', messages }))
  return upstreamEdits(body, readCall(body), 'm')
}

describe('thoughts that nobody signed', () => {
  it('do not go to a provider of this dialect', () => {
    const user = { role: 'user', content: 'hello' }
    expect(
      editsOf([
        user,
        { role: 'assistant', content: [unsigned, words] },
        user,
        { role: 'assistant', content: [unsigned] },
      ]),
    ).toEqual([{ key: 'messages', value: [user, { role: 'assistant', content: [words] }, user] }])
  })

  it('are all that is taken out: other calls pass as they are', () => {
    expect(
      editsOf([
        { role: 'assistant', content: [signed, words] },
        { role: 'user', content: [unsigned] },
      ]),
    ).toEqual([])
  })
})
