import { AwsEventScanner, writeAwsEvent } from './aws-event-stream.ts'
import type { Frame, FrameScanner } from './frame.ts'
import { JsonLineScanner } from './ndjson.ts'
import { SseScanner, writeSse } from './sse.ts'
import { isEventName } from './sse-write.ts'

/** How the events of a stream are told apart. */
export type Framing = 'sse' | 'aws-event-stream' | 'ndjson'

interface FramingRow {
  readonly contentType: string
  readonly is: RegExp
  readonly openScanner: () => FrameScanner
  /** A frame of another framing in this one; `undefined` for one that says nothing. */
  readonly reframe: (frame: Frame) => Buffer | undefined
}

const framings: Readonly<Record<Framing, FramingRow>> = {
  sse: {
    contentType: 'text/event-stream; charset=utf-8',
    is: /^text\/event-stream\b/i,
    openScanner: () => new SseScanner(),
    reframe: ({ event, data }) => Buffer.from(writeSse(isEventName(event) ? event : undefined, data.toString())),
  },
  'aws-event-stream': {
    contentType: 'application/vnd.amazon.eventstream',
    is: /^application\/vnd\.amazon\.eventstream\b/i,
    openScanner: () => new AwsEventScanner(),
    reframe: ({ event, data, hasData }) => (hasData ? writeAwsEvent(event, data) : undefined),
  },
  ndjson: {
    contentType: 'application/x-ndjson',
    is: /^application\/(?:x-)?ndjson\b/i,
    openScanner: () => new JsonLineScanner(),
    reframe: ({ data, hasData }) => (hasData ? Buffer.concat([data, lineEnd]) : undefined),
  },
}

/** The most common one first. */
const names = ['sse', 'aws-event-stream', 'ndjson'] as const satisfies readonly Framing[]

const lineEnd = Buffer.from('\n')

/** By the content type of an answer; `undefined`: it is no stream. */
export function framingOf(contentType: string): Framing | undefined {
  return names.find((name) => framings[name].is.test(contentType))
}

/** As an answer of ours in this framing says it in its head. */
export function contentTypeOf(framing: Framing): string {
  return framings[framing].contentType
}

export function openScanner(framing: Framing): FrameScanner {
  return framings[framing].openScanner()
}

/** A frame of any framing in this one. `undefined`: it says nothing that this framing has a frame for. */
export function reframed(frame: Frame, framing: Framing): Buffer | undefined {
  return framings[framing].reframe(frame)
}

/** Whole events as the house writes them, as server-sent events, in another framing. */
export function framed(text: string, framing: Framing): Buffer {
  const bytes = Buffer.from(text)
  if (framing === 'sse') return bytes
  const frames = new SseScanner().push(bytes)
  return Buffer.concat(frames.map((frame) => reframed(frame, framing)).filter((found) => found !== undefined))
}
