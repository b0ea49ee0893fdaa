import { describe, expect, it } from 'vitest'
import type { ReplyEvent } from '../../../canonical/event.ts'
import { foldEvents } from '../../laws/fold-events.ts'
import { openEvents } from './read-events.ts'

interface Chunk {
  readonly parts?: readonly object[]
  readonly reason?: string | number
  readonly index?: number
}

function eventsOf(...chunks: readonly Chunk[]): readonly ReplyEvent[] {
  const reader = openEvents()
  const events = chunks.flatMap(({ parts = [], reason, index = 0 }) => {
    const candidate = { content: { parts }, index, ...(reason !== undefined && { finishReason: reason }) }
    return reader.read('', Buffer.from(JSON.stringify({ candidates: [candidate], responseId: 'r1' }))).events
  })
  return [...events, ...reader.end()]
}

describe('a stream of Gemini’s answers', () => {
  it('goes on after it could have ended, where tools ran at Google', () => {
    const { choices, faults } = foldEvents(
      eventsOf(
        { parts: [{ functionCall: { name: 'f', args: { a: 1 } } }], reason: 'STOP' },
        { parts: [{ functionResponse: { name: 'f', response: {} } }] },
        { parts: [{ text: 'Yes.' }], reason: 'MAX_TOKENS' },
      ),
    )
    expect(faults).toEqual([])
    expect(choices[0]?.blocks.map(({ opening }) => opening.kind)).toEqual(['tool-use', 'opaque', 'text'])
    expect(choices[0]?.close).toMatchObject({ reason: 'length' })
  })

  it('tells arguments that come leaf by leaf as one', () => {
    const piece = (jsonPath: string, value: object) => ({
      functionCall: { partialArgs: [{ jsonPath, ...value }], willContinue: true },
    })
    const { choices } = foldEvents(
      eventsOf(
        { parts: [{ functionCall: { name: 'f', willContinue: true }, thoughtSignature: 'c2ln' }] },
        { parts: [piece('$.rooms[0].name', { stringValue: 'Ki', willContinue: true })] },
        { parts: [piece('$.rooms[0].name', { stringValue: 'tchen' }), piece('$.rooms[1]', { numberValue: 2 })] },
        { parts: [piece("$['on']", { boolValue: true }), piece('$.__proto__', { nullValue: 'NULL_VALUE' })] },
        { parts: [{ functionCall: {} }], reason: 'STOP' },
      ),
    )
    const [block, ...others] = choices[0]?.blocks ?? []
    expect(others).toEqual([])
    expect(block?.opening).toMatchObject({ kind: 'tool-use', name: 'f', signature: 'c2ln', id: 'call_r1_0_0' })
    expect(block?.argumentsText).toBe('{"rooms":[{"name":"Kitchen"},2],"on":true,"__proto__":null}')
    expect(choices[0]?.close).toMatchObject({ reason: 'tool-use', nativeReason: undefined })
  })

  it('ends a text at its signature, since another text has another one', () => {
    const { choices } = foldEvents(
      eventsOf({ parts: [{ text: 'A' }, { text: 'B', thoughtSignature: 'c2ln' }, { text: 'C' }], reason: 1 }),
    )
    expect(choices[0]?.blocks.map(({ text, signature }) => [text, signature])).toEqual([
      ['AB', 'c2ln'],
      ['C', ''],
    ])
  })

  it('tells candidates apart, and one that does not say why it ended', () => {
    const { choices, faults } = foldEvents(
      eventsOf({ parts: [{ text: 'A' }] }, { parts: [{ text: 'B' }], index: 1, reason: 'SAFETY' }),
    )
    expect(faults).toEqual([])
    expect(choices.map(({ close }) => close?.reason)).toEqual(['end', 'content-filter'])
  })

  it('keeps a word of Google’s that nobody here has', () => {
    const { choices } = foldEvents(eventsOf({ parts: [{ text: 'A' }], reason: 'MALFORMED_FUNCTION_CALL' }))
    expect(choices[0]?.close).toMatchObject({ reason: 'other', nativeReason: 'MALFORMED_FUNCTION_CALL' })
  })
})
