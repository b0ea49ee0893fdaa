import { createParser } from 'eventsource-parser'
import { describe, expect, it } from 'vitest'
import { answerBytes, corpusDir, recordings, reportMissingCorpus } from '../../test/corpus.ts'
import type { Recording } from '../../test/corpus.ts'
import { SseScanner, writeSse } from './sse.ts'
import type { SseFrame } from './sse.ts'

const shortStreamBytes = 4096
const randomCuts = 200
const stridedCuts = 24
const borderReachBytes = 3

interface Stream {
  readonly id: string
  readonly bytes: Buffer
  readonly frames: readonly SseFrame[]
  readonly tail: Buffer
}

const streams = corpusDir === undefined ? ownStreams() : recordedStreams()

describe('SseScanner on recorded streams', () => {
  if (corpusDir === undefined) reportMissingCorpus('the cuts of event streams')

  it('S6 gives the events that the oracle gives, and every byte', () => {
    let eventCount = 0
    for (const { id, bytes, frames, tail } of streams) {
      const events: { event: string; data: string }[] = []
      createParser({ onEvent: ({ event, data }) => events.push({ event: event ?? '', data }) }).feed(bytes.toString())
      const ours = frames.filter((frame) => frame.hasData)
      expect(
        ours.map(({ event, data }) => ({ event, data: data.toString() })),
        id,
      ).toEqual(events)
      expect(Buffer.concat([...frames.map((frame) => frame.bytes), tail]).equals(bytes), id).toBe(true)
      eventCount += events.length
    }
    console.log(
      `${streams.length} streams, ${eventCount} events, ${sum(streams.map((each) => each.bytes.length))} bytes`,
    )
    expect(streams.length).toBeGreaterThan(corpusDir === undefined ? 3 : 300)
  })

  it('S6 gives the same frames for every cut into two of a short stream', () => {
    let cutCount = 0
    const short = streams.filter((stream) => stream.bytes.length <= shortStreamBytes)
    for (const stream of short) {
      for (let cut = 1; cut < stream.bytes.length; cut++) expectSameFrames(stream, [cut])
      cutCount += stream.bytes.length - 1
    }
    console.log(`${short.length} streams of up to ${shortStreamBytes} bytes, ${cutCount} cuts into two`)
    expect(short.length).toBeGreaterThan(0)
  })

  it('S6 gives the same frames for cuts around every frame border, and evenly spread ones, of a long stream', () => {
    let cutCount = 0
    const long = streams.filter((stream) => stream.bytes.length > shortStreamBytes)
    for (const stream of long) {
      // One cut of the whole stream at each border costs the square of its frames. Cutting at all borders at once, once for
      // each distance, sees the same states.
      for (let distance = -borderReachBytes; distance <= borderReachBytes; distance++) {
        const cuts = borders(stream).map((border) => border + distance)
        expectSameFrames(stream, cuts)
        cutCount += cuts.length
      }
      const stride = Math.ceil(stream.bytes.length / stridedCuts)
      for (let cut = stride; cut < stream.bytes.length; cut += stride) {
        expectSameFrames(stream, [cut])
        cutCount++
      }
    }
    console.log(`${long.length} longer streams, ${cutCount} cuts around frame borders and evenly spread`)
    expect(long.length).toBeGreaterThan(0)
  })

  it('S6 gives the same frames for single bytes and for random cuts of every stream', () => {
    const random = seededRandom(20_261_123)
    let cutCount = 0
    for (const stream of streams) {
      const length = stream.bytes.length
      expectSameFrames(
        stream,
        Array.from({ length: length - 1 }, (_unused, index) => index + 1),
      )
      for (let pieces = 2; pieces <= randomCuts; pieces *= 10) {
        const cuts = Array.from({ length: randomCuts }, () => Math.floor(random() * length)).toSorted((a, b) => a - b)
        for (let first = 0; first < randomCuts; first += pieces)
          expectSameFrames(stream, cuts.slice(first, first + pieces))
        cutCount += randomCuts
      }
      cutCount += length - 1
    }
    console.log(`${streams.length} streams, ${cutCount} single bytes and random cuts`)
  })
})

function expectSameFrames({ id, bytes, frames, tail }: Stream, cuts: readonly number[]): void {
  const scanner = new SseScanner()
  let frameCount = 0
  let start = 0
  let isSame = true
  for (let index = 0; index <= cuts.length; index++) {
    const end = cuts[index] ?? bytes.length
    for (const frame of scanner.push(bytes.subarray(start, end))) {
      const expected = frames[frameCount++]
      isSame &&= expected !== undefined && isSameFrame(frame, expected)
    }
    start = end
  }
  const end = scanner.end()
  isSame &&= frameCount + (end.frame === undefined ? 0 : 1) === frames.length && end.tail.equals(tail)
  // An assertion for each of half a million cuts would take longer than the cuts.
  if (!isSame) expect.fail(`${id} gives other frames when cut at ${cuts.slice(0, 10).join(', ')}`)
}

const isSameFrame = (one: SseFrame, other: SseFrame): boolean =>
  one.sizeBytes === other.sizeBytes &&
  one.hasData === other.hasData &&
  one.event === other.event &&
  one.data.equals(other.data) &&
  one.bytes.equals(other.bytes)

function borders({ frames }: Stream): number[] {
  let offset = 0
  return frames.map((frame) => (offset += frame.sizeBytes))
}

function streamOf(id: string, bytes: Buffer): Stream {
  const scanner = new SseScanner()
  const frames = scanner.push(bytes)
  const end = scanner.end()
  return { id, bytes, frames: end.frame === undefined ? frames : [...frames, end.frame], tail: end.tail }
}

function recordedStreams(): readonly Stream[] {
  return recordings('chat', 'messages')
    .filter(isEventStream)
    .map((recording) => streamOf(recording.id, answerBytes(recording)))
}

function isEventStream({ streaming, source, response }: Recording): boolean {
  if (response.headers['content-type']?.startsWith('text/event-stream') === true) return true
  return streaming && (source.fidelity === 'wire' || source.fidelity === 'sse-reframed')
}

/** Where there is no corpus. */
function ownStreams(): readonly Stream[] {
  const numbers = Array.from({ length: 40 }, (_unused, index) => index)
  const frames = numbers.map((number) =>
    writeSse('content_block_delta', JSON.stringify({ number, text: 'ü🦆'.repeat(30) })),
  )
  const lf = [...frames, ': ping\n\n', writeSse(undefined, '[DONE]')].join('')
  return [
    lf,
    lf.replaceAll('\n', '\r\n'),
    lf.replaceAll('\n', '\r'),
    lf.slice(0, 3000),
    lf.slice(0, 2000).replaceAll('\n', '\r\n'),
  ].map((text, index) => streamOf(`own ${index}`, Buffer.from(text)))
}

/** Mulberry32: small, and the same everywhere. */
function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)
