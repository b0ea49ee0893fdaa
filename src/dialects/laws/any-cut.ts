import { SseScanner, type SseFrame } from '../../wire/sse.ts'
import type { ChatTranslation } from '../translation.ts'
import { attempt, type Bench, type Failure, type Law, type Trial } from './law.ts'
import { ones, seededSizes } from './play-stream.ts'

/**
 * S6: however the bytes of a stream are cut, the events are the same. A reader is given a frame's name and data and nothing
 * else, so that the same frames are the same events if it keeps no view of their bytes. That is tried once for each stream,
 * by reading it with every frame wiped after it was read; the frames are compared, byte for byte, for every cut.
 */
export const anyCut: readonly Law[] = [{ name: 'any cut gives the same events', trials }]

function* trials({ subject, exchanges, effort }: Bench): Generator<Trial> {
  for (const { id, bytes } of exchanges.streams)
    yield {
      id,
      failures: attempt('reading', function* () {
        const whole = [...framesOf(bytes, [])]
        yield* otherEvents(subject.translation, whole)
        for (const { name, sizes } of waysToCut(bytes, effort)) {
          const detail = otherFrames(whole, framesOf(bytes, sizes))
          if (detail === undefined) continue
          yield { what: 'other events', detail: `${name}: ${detail}` }
          return
        }
      }),
    }
}

function* waysToCut(bytes: Buffer, { cutsPerStream, byteByByteBytes }: Bench['effort']) {
  if (bytes.length <= byteByByteBytes) yield { name: 'one byte at a time', sizes: ones() }
  for (let seed = 1; seed <= cutsPerStream; seed++) {
    const largest = largestPieces[seed % largestPieces.length] ?? 400
    yield { name: `cut with seed ${seed}`, sizes: seededSizes(seed, largest) }
  }
}

/** Small pieces cut within frames and lines, large ones join frames. The smallest are tried by one byte at a time. */
const largestPieces = [20, 60, 400, 3000, 20_000, 150, 400, 3000, 20_000, 1000] as const

function* otherEvents(translation: ChatTranslation, frames: readonly SseFrame[]): Generator<Failure> {
  const [kept, wiped] = [eventTexts(translation, frames, false), eventTexts(translation, frames, true)]
  const place = kept.findIndex((text, index) => text !== wiped[index])
  if (place !== -1) yield { what: 'other events', detail: `at frame ${place}, once the frames before it are gone` }
}

/** The events of each frame, put into words in the end, when a view of bytes that are gone would show. */
function eventTexts(translation: ChatTranslation, frames: readonly SseFrame[], isWiped: boolean): readonly string[] {
  const reader = translation.openEvents()
  const told = frames.map(({ event, data }) => {
    const own = Buffer.from(data)
    const { events } = reader.read(event, own)
    if (isWiped) own.fill(0)
    return events
  })
  return [...told, reader.end()].map((events) => JSON.stringify(events, spelled))
}

/** The first place at which the frames are others; `undefined`: they are the same. */
function otherFrames(whole: readonly SseFrame[], cut: Iterable<SseFrame>): string | undefined {
  let place = 0
  for (const { event, data } of cut) {
    const expected = whole[place]
    if (expected?.event !== event || !expected.data.equals(data)) return `another frame at ${place}`
    place++
  }
  return place === whole.length ? undefined : `${place} frames for ${whole.length}`
}

/** Frames in pieces of these sizes, the rest in one. */
function* framesOf(bytes: Buffer, sizes: Iterable<number>): Generator<SseFrame> {
  const scanner = new SseScanner()
  let position = 0
  for (const size of sizes) {
    if (position >= bytes.length) break
    yield* scanner.push(bytes.subarray(position, position + size))
    position += size
  }
  yield* scanner.push(bytes.subarray(position))
  const { frame } = scanner.end()
  if (frame) yield frame
}

/** Money is a big integer. */
function spelled(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
