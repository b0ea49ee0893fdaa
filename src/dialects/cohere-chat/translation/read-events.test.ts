import { describe, expect, it } from 'vitest'
import type { ReplyEvent } from '../../../canonical/event.ts'
import { foldEvents } from '../../laws/fold-events.ts'
import { openEvents } from './read-events.ts'

type Event = readonly [type: string, message?: object | undefined, more?: object]

function eventsOf(...list: readonly Event[]): readonly ReplyEvent[] {
  const reader = openEvents()
  const events = list.flatMap(([type, message, more = {}]) => {
    const said = { type, ...(message && { delta: { message } }), ...more }
    return reader.read(type, Buffer.from(JSON.stringify(said))).events
  })
  return [...events, ...reader.end()]
}

const call = (args: string) => ({
  tool_calls: { id: 'c1', type: 'function', function: { name: 'f', arguments: args } },
})
const more = (args: string) => ({ tool_calls: { function: { arguments: args } } })
const end: Event = ['message-end', undefined, { delta: { finish_reason: 'COMPLETE' } }]

describe('a stream of Cohere’s', () => {
  it.each([
    [[], '{}'],
    [['null'], '{}'],
    [['nu', 'll'], '{}'],
    [['nu', 'm'], 'num'],
    [['{"a"', ':1}'], '{"a":1}'],
  ])('has arguments that come as %j as %s', (pieces, argumentsText) => {
    const deltas = pieces.map((piece): Event => ['tool-call-delta', more(piece), { index: 0 }])
    const { choices, faults } = foldEvents(
      eventsOf(['message-start', {}], ['tool-call-start', call('')], ...deltas, ['tool-call-end'], end),
    )
    expect(faults).toEqual([])
    expect(choices[0]?.blocks).toMatchObject([{ opening: { id: 'c1', name: 'f' }, argumentsText }])
  })

  it('is read without its first event, without openings, and with citations after the end of their text', () => {
    const { choices, faults } = foldEvents(
      eventsOf(
        ['content-delta', { content: { thinking: 'Hm.' } }],
        ['content-delta', { content: { text: 'Yes.' } }],
        ['content-end', undefined, { index: 0 }],
        ['citation-start', { citations: { start: 0, end: 3 } }],
        ['tool-plan-delta', { tool_plan: 'I ' }],
        ['tool-plan-delta', { tool_plan: 'look.' }],
        end,
      ),
    )
    expect(faults).toEqual([])
    expect(choices[0]?.blocks).toMatchObject([
      { opening: { kind: 'thought' }, text: 'Hm.' },
      { opening: { kind: 'text' }, text: 'Yes.', citations: [{ start: 0, end: 3 }] },
      { opening: { kind: 'text' }, text: 'I look.' },
    ])
  })

  it('that ends without a reason has ended all the same, and keeps its usage', () => {
    const usage = { tokens: { input_tokens: 3, output_tokens: 2 } }
    const events = eventsOf(
      ['message-start', {}],
      ['content-delta', { content: { text: 'Hi' } }],
      ['message-end', undefined, { delta: { usage } }],
    )
    const folded = foldEvents(events)
    expect(folded.faults).toEqual([])
    expect(folded.choices[0]?.close).toMatchObject({ reason: 'end' })
    expect(folded.usage?.usage).toMatchObject({ inputUncached: 3, outputText: 2 })
  })
})
