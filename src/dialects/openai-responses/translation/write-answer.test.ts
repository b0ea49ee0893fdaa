import { describe, expect, it } from 'vitest'
import type { HeardFrame, ReplyEvent, StopReason } from '../../../canonical/event.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { edit } from '../../../canonical/origin.ts'
import { listIn } from '../../shared/call-fields.ts'
import { framesIn, type Frame } from '../../laws/exchanges.ts'
import { answerSettings, close, end, more, open, start } from '../../laws/foreign-words.ts'
import { answer, message, streamOf, textEvents } from '../../laws/material/responses-words.ts'
import { translation } from './index.ts'

const words = (block: number, text: string) => more(block, { kind: 'text', text })
const said = (block: number, text: string) => [start(block, { kind: 'text' }), words(block, text), end(block)]
const refused = (block: number, text: string) => [start(block, { kind: 'refusal' }), words(block, text), end(block)]
const toolUse = (block: number) => start(block, { kind: 'tool-use', id: `c${block}`, name: 'f', signature: undefined })
const called = (block: number) => [toolUse(block), more(block, { kind: 'arguments', text: '{"a":1}' }), end(block)]
const thought = (block: number) => [start(block, { kind: 'thought' }), words(block, 'Hm.'), end(block)]
const picture = (block: number) => [start(block, { kind: 'image', url: 'data:image/png;base64,AAAA' }), end(block)]

/** The output of a body; and of a stream that tells it event by event, by its items and by its last event. */
function told(events: readonly ReplyEvent[]) {
  const whole = translation.writeAnswer({ events, wire: undefined }, new Losses(), answerSettings)
  const stream = streamed(events.map((event) => ({ events: [event], wire: undefined })))
  const items = stream.filter(({ type }) => type === 'response.output_item.done').map(({ item = null }) => item)
  const ending = stream.at(-1)?.['response']
  return { whole: listIn(whole, 'output'), items, ending: isJsonObject(ending) ? listIn(ending, 'output') : [], stream }
}

function streamed(frames: readonly HeardFrame[]): readonly JsonObject[] {
  const writer = translation.openFrames(new Losses(), answerSettings)
  const text = frames.map((frame) => writer.write(frame)).join('') + writer.end()
  return framesIn(Buffer.from(text)).map(objectOf)
}

function objectOf({ data }: Frame): JsonObject {
  const value: Json = JSON.parse(data)
  return isJsonObject(value) ? value : {}
}

/** `message incomplete: One. | no: No.` */
function gistOf(item: Json): string {
  if (!isJsonObject(item)) return ''
  const parts = listIn(item, 'content').map((part) => {
    const { text, refusal = null } = isJsonObject(part) ? part : {}
    return typeof text === 'string' ? text : `no: ${String(refusal)}`
  })
  return `${String(item['type'])} ${String(item['status'])}${parts.length > 0 ? `: ${parts.join(' | ')}` : ''}`
}

describe('an answer of several blocks', () => {
  const cases: Readonly<Record<string, { blocks: readonly ReplyEvent[]; output: readonly string[] }>> = {
    'texts in a row': {
      blocks: [...said(0, 'One,'), ...said(1, 'two'), ...said(2, '.')],
      output: ['message completed: One, | two | .'],
    },
    'a text and a refusal': {
      blocks: [...said(0, 'One.'), ...refused(1, 'No.')],
      output: ['message completed: One. | no: No.'],
    },
    'texts around a call': {
      blocks: [...said(0, 'One.'), ...called(1), ...said(2, 'Two.'), ...said(3, 'Three.')],
      output: ['message completed: One.', 'function_call completed', 'message completed: Two. | Three.'],
    },
    'texts around a thought': {
      blocks: [...said(0, 'One.'), ...thought(1), ...said(2, 'Two.')],
      output: ['message completed: One.', 'reasoning undefined', 'message completed: Two.'],
    },
    'texts around what has no place here': {
      blocks: [...said(0, 'One.'), ...picture(1), ...said(2, 'Two.')],
      output: ['message completed: One. | Two.'],
    },
    'a text that goes on beside a call': {
      blocks: [start(0, { kind: 'text' }), words(0, 'One, '), ...called(1), words(0, 'two.'), end(0)],
      output: ['message completed: One, two.', 'function_call completed'],
    },
  }

  it.each(Object.keys(cases))('has one message for texts in a row, as a body and as a stream: %s', (name) => {
    const { blocks = [], output } = cases[name] ?? {}
    const { whole, items, ending } = told([open, ...blocks, close('end')])
    expect(whole.map(gistOf)).toEqual(output)
    expect(ending).toEqual(whole)
    // They end in another order where two go on at once.
    expect(new Set(items)).toEqual(new Set(whole))
  })

  it('tells each part of a message by its place, in one item', () => {
    const { stream } = told([open, ...said(0, 'One.'), ...refused(1, 'No.'), ...called(2), close('tool-use')])
    const places = stream
      .filter(({ type }) => /output_item|content_part|\.delta$|text\.done|refusal\.done/.test(String(type)))
      .map(({ type, output_index: place, content_index: part = '' }) =>
        `${String(type).slice('response.'.length)} ${String(place)} ${String(part)}`.trim(),
      )
    expect(places).toEqual([
      'output_item.added 0',
      'content_part.added 0 0',
      'output_text.delta 0 0',
      'output_text.done 0 0',
      'content_part.done 0 0',
      'content_part.added 0 1',
      'refusal.delta 0 1',
      'refusal.done 0 1',
      'content_part.done 0 1',
      'output_item.done 0',
      'output_item.added 1',
      'function_call_arguments.delta 1',
      'output_item.done 1',
    ])
    const ids = stream.filter(({ output_index: place }) => place === 0).map(({ item_id: id }) => id)
    expect(new Set(ids.filter((id) => id !== undefined)).size).toBe(1)
  })

  it('keeps messages of its own apart, and their parts together', () => {
    const parts = ['One. ', 'Two.'].map((text) => ({ type: 'output_text', text, annotations: [], logprobs: [] }))
    const strange = { type: 'output_smell', of: 'roses' }
    const own = answer([{ ...message(''), content: [...parts, strange] }, message('Three.', 'msg_2')])
    const { whole, items, ending } = told(translation.readAnswer(own).events)
    const contents = (output: readonly Json[]) => output.map((item) => (isJsonObject(item) ? item['content'] : item))
    expect(contents(whole)).toEqual([[...parts, strange], listIn(message('Three.'), 'content')])
    expect(contents(items)).toEqual(contents(whole))
    expect(ending).toEqual(items)
  })
})

describe('an answer that was cut off', () => {
  const cut = (reason: StopReason, ...blocks: readonly ReplyEvent[][]) => told([open, ...blocks.flat(), close(reason)])

  it.each(['length', 'content-filter'] as const)('has an incomplete last item, for %s', (reason) => {
    for (const { whole, items, ending } of [
      cut(reason, called(0), said(1, 'Onc')),
      cut(reason, said(0, 'One.'), called(1)),
    ]) {
      const statuses = whole.map((item) => (isJsonObject(item) ? item['status'] : undefined))
      expect(statuses).toEqual(['completed', 'incomplete'])
      expect(items).toEqual(whole)
      expect(ending).toEqual(whole)
    }
  })

  it('says nothing of a thought, which has no status', () => {
    expect(cut('length', said(0, 'One.'), thought(1)).items.map(gistOf)).toEqual([
      'message completed: One.',
      'reasoning undefined',
    ])
  })
})

describe('a stream of its own in which a frame was edited', () => {
  const frames = framesIn(
    Buffer.from(streamOf([message('One.'), message('Two.')], [...textEvents(0, 'One.'), ...textEvents(1, 'Two.')])),
  )

  it.each([...frames.keys()])('tells every item once, from frame %i on anew', (edited) => {
    const reader = translation.openEvents()
    const heard = frames.map(({ event, data }, index) => {
      const frame = reader.read(event, Buffer.from(data))
      return index === edited ? edit(frame, { events: [...frame.events] }) : frame
    })
    const done = streamed(heard).filter(({ type }) => type === 'response.output_item.done')
    expect(done.map(({ item = null }) => gistOf(item))).toEqual(['message completed: One.', 'message completed: Two.'])
  })
})
