import type { BlockOpening, ReplyEvent } from '../../src/canonical/event.ts'
import type { JsonObject } from '../../src/canonical/json.ts'
import { Losses } from '../../src/canonical/loss.ts'
import { noUsage } from '../../src/canonical/usage.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { writeSse } from '../../src/wire/sse.ts'
import { settings } from './play.ts'

/** Answers with a mark in each text, as a provider of the dialect gives them. A text that is said twice has the same mark. */
export interface MarkedAnswer {
  /** A body: JSON, or plain text. */
  readonly whole: string
  readonly contentType: string
  /** Server-sent events. `undefined`: there are no streams. */
  readonly stream: string | undefined
}

/** Of a chat every place that its dialect has words for, in two choices; else what the operation's answers hold. */
export function markedAnswers(dialect: Dialect): readonly MarkedAnswer[] {
  const { translation, operation } = dialect
  if (!translation) return (answersOf[operation] ?? []).map((answer) => ({ ...json, ...answer }))
  const frame = { events: translation.isTextOnly ? textEvents : chatEvents, wire: undefined }
  const writer = translation.openFrames(new Losses(), settings)
  // Each event by itself, as a provider tells them.
  const frames = frame.events.map((event) => writer.write({ events: [event], wire: undefined })).join('')
  return [
    {
      ...json,
      whole: JSON.stringify(translation.writeAnswer(frame, new Losses(), settings)),
      stream: frames + writer.end(),
    },
  ]
}

const json = { contentType: 'application/json', stream: undefined } as const

function blockOf(choice: number, block: number, content: BlockOpening, text: string): readonly ReplyEvent[] {
  const of = { choice, block }
  const kind = content.kind === 'tool-use' ? 'arguments' : 'text'
  return [
    { kind: 'block-start', ...of, content },
    { kind: 'block-delta', ...of, delta: { kind, text } },
    { kind: 'block-end', ...of },
  ]
}

const opening: ReplyEvent = { kind: 'open', id: 'a1', responseModel: 'm1', createdAtSeconds: 1 }
const closed = (choice: number, reason: 'end' | 'tool-use'): ReplyEvent => ({
  kind: 'close',
  choice,
  reason,
  nativeReason: undefined,
  stopSequence: undefined,
})
const used: ReplyEvent = {
  kind: 'usage',
  usage: { ...noUsage, inputUncached: 3, outputText: 2 },
  providerCostNanos: undefined,
  serviceTier: undefined,
}

const textEvents: readonly ReplyEvent[] = [
  opening,
  ...blockOf(0, 0, { kind: 'text' }, 'so @assistant1@ it is'),
  closed(0, 'end'),
  ...blockOf(1, 0, { kind: 'text' }, 'or @assistant2@ it is'),
  closed(1, 'end'),
  used,
]

const chatEvents: readonly ReplyEvent[] = [
  opening,
  ...blockOf(0, 0, { kind: 'thought' }, 'hm @reasoning@ it is'),
  ...blockOf(0, 1, { kind: 'text' }, 'so @assistant1@ it is'),
  ...blockOf(0, 2, { kind: 'refusal' }, 'no @refusal@ it is'),
  ...blockOf(
    0,
    3,
    { kind: 'tool-use', id: 't1', name: 'do-@tool-arguments1@', signature: undefined },
    '{"a":"@tool-arguments2@"}',
  ),
  closed(0, 'tool-use'),
  ...blockOf(1, 0, { kind: 'text' }, 'or @assistant2@ it is'),
  closed(1, 'end'),
  used,
]

const events = (all: readonly (JsonObject & { readonly type: string })[]): string =>
  all.map((event) => writeSse(event.type, JSON.stringify(event))).join('')

const heard = {
  text: 'a @assistant1@ b',
  segments: [{ id: 0, text: 'a @assistant2@ b' }],
  words: [{ word: '@assistant3@' }],
}
const usage = { type: 'tokens', input_tokens: 3, output_tokens: 2, total_tokens: 5 }

const answersOf: Readonly<
  Partial<Record<Dialect['operation'], readonly (Partial<MarkedAnswer> & Pick<MarkedAnswer, 'whole'>)[]>>
> = {
  transcription: [
    {
      whole: JSON.stringify(heard),
      stream: events([
        { type: 'transcript.text.segment', text: 'c @assistant2@ d', id: 's', start: 0, end: 1 },
        { type: 'transcript.text.delta', delta: 'a @assist' },
        { type: 'transcript.text.delta', delta: 'ant1@' },
        { type: 'transcript.text.done', text: 'a @assistant1@', usage },
      ]),
    },
    { whole: 'a @assistant1@ b', contentType: 'text/plain' },
  ],
  'audio-translation': [{ whole: JSON.stringify(heard) }, { whole: 'a @assistant1@ b', contentType: 'text/plain' }],
  images: [
    {
      whole: JSON.stringify({ created: 1, data: [{ b64_json: 'AAAA', revised_prompt: 'a @assistant1@ b' }] }),
      stream: events([
        { type: 'image_generation.partial_image', b64_json: 'AAAA', partial_image_index: 0 },
        { type: 'image_generation.completed', b64_json: 'AAAA', revised_prompt: 'a @assistant1@ b', usage },
      ]),
    },
  ],
  rerank: [
    {
      whole: JSON.stringify({
        id: 'r1',
        model: 'm1',
        object: 'list',
        results: [{ index: 0, relevance_score: 0.5, document: { text: '@assistant1@' } }],
        usage: { total_tokens: 3 },
        meta: { billed_units: { search_units: 1 } },
      }),
    },
  ],
}
