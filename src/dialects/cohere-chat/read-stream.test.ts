import { describe, expect, it } from 'vitest'
import { cohereChat } from './index.ts'

const call = cohereChat.readCall({ model: 'm', messages: [], stream: true })

function read(...list: readonly (readonly [string, object | string])[]) {
  const reader = cohereChat.openStream(call)
  const meanings = list.map(([event, said]) =>
    reader.read(event, Buffer.from(typeof said === 'string' ? said : JSON.stringify({ type: event, ...said }))),
  )
  return { meanings, facts: reader.facts() }
}

const start = ['message-start', { id: 'a1', delta: { message: { role: 'assistant', content: [] } } }] as const
const opening = ['content-start', { delta: { message: { content: { type: 'text', text: '' } } } }] as const
const text = ['content-delta', { delta: { message: { content: { text: 'Hello' } } } }] as const
const ending = (delta: object) => ['message-end', { delta }] as const

describe('what the relay hears of a stream of Cohere’s', () => {
  it('begins with what is said, and may end before the [DONE] that may follow', () => {
    const { meanings, facts } = read(start, opening, text, ['content-end', {}], ending({ finish_reason: 'COMPLETE' }))
    expect(meanings).toEqual(['quiet', 'quiet', 'content', 'content', 'may-end'])
    expect(facts).toMatchObject({ isComplete: true, textBytes: 5, contentFrames: 1, problem: undefined })
    expect(read(['', '[DONE]']).meanings).toEqual(['end'])
  })

  it('counts no text twice where odds repeat it', () => {
    const odds = { logprobs: { text: 'Hello', token_ids: [1], logprobs: [-0.1] } }
    expect(read(start, ['content-delta', { ...text[1], ...odds }]).facts.textBytes).toBe(5)
  })

  it.each([
    [{ finish_reason: 'ERROR' }, 'upstream_unavailable'],
    [{ finish_reason: 'ERROR', error: 'the model is overloaded' }, 'upstream_overloaded'],
    [{ finish_reason: 'TIMEOUT' }, 'upstream_timeout'],
    [{ error: 'something broke' }, 'upstream_unavailable'],
  ])('is told that it failed, by %j', (delta, kind) => {
    const { meanings, facts } = read(start, text, ending(delta))
    expect(meanings.at(-1)).toBe('error')
    expect(facts).toMatchObject({ problem: { kind }, isComplete: false })
  })

  it('is invalid where its first word is none', () => {
    expect(read(['', 'Hello']).facts.problem).toMatchObject({ kind: 'upstream_invalid' })
    expect(read(start, text, ['', 'Hello']).meanings.at(-1)).toBe('content')
  })
})

describe('what limits and routing read of a call of Cohere’s', () => {
  it('needs what its parts and wishes need', () => {
    const body = {
      model: 'm',
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x' } }] }],
      tools: [{ type: 'function', function: { name: 'f', parameters: {} } }],
      response_format: { type: 'json_object' },
      thinking: { type: 'enabled' },
      logprobs: true,
      max_tokens: 5,
    }
    const { needs, outputCapTokens } = cohereChat.readCall(body)
    expect([...needs].toSorted()).toEqual(['images', 'logprobs', 'reasoning', 'structured-output', 'tools'])
    expect(outputCapTokens).toBe(5)
    expect(cohereChat.outputCapEdits(body, 9, undefined)).toEqual([])
    expect(cohereChat.outputCapEdits({ max_tokens: null }, 9, undefined)).toEqual([{ key: 'max_tokens', value: 9 }])
  })

  it('leaves schemas, documents and results to the client', () => {
    for (const path of [
      ['tools', 0, 'function', 'parameters', 'properties'],
      ['response_format', 'json_schema', 'x'],
      ['documents', 0, 'data'],
      ['messages', 0, 'content', 1, 'document', 'data', 'x'],
      ['messages', 0, 'citations', 1, 'sources', 0, 'tool_output'],
    ])
      expect(cohereChat.isFreeForm(path)).toBe(true)
    expect(cohereChat.isFreeForm(['documents', 0])).toBe(false)
  })
})
