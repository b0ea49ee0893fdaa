import { SseScanner } from '../../wire/sse.ts'
import type { ChatTranslation } from '../translation.ts'
import { attempt, type Bench, type Law, type Trial } from './law.ts'
import { ones, seededSizes } from './play-stream.ts'

/** S6: however the bytes of a stream are cut, the events are the same. */
export const anyCut: readonly Law[] = [{ name: 'any cut gives the same events', trials }]

function* trials({ subject, exchanges, effort }: Bench): Generator<Trial> {
  for (const { id, bytes } of exchanges.streams)
    yield {
      id,
      failures: attempt('reading', function* () {
        const whole = eventTexts(subject.translation, bytes, [])
        for (const { name, sizes } of waysToCut(bytes, effort)) {
          const cut = eventTexts(subject.translation, bytes, sizes)
          const place = whole.findIndex((text, index) => text !== cut[index])
          if (place !== -1 || cut.length !== whole.length) {
            yield {
              what: 'other events',
              detail: `${name}: at frame ${place}, ${cut.length} frames for ${whole.length}`,
            }
            return
          }
        }
      }),
    }
}

function* waysToCut(bytes: Buffer, { cutsPerStream, byteByByteBytes }: Bench['effort']) {
  if (bytes.length <= byteByByteBytes) yield { name: 'one byte at a time', sizes: ones() }
  // Small pieces cut within frames and lines, large ones join frames.
  for (let seed = 1; seed <= cutsPerStream; seed++) {
    const largest = [7, 60, 400, 3000, 20_000][seed % 5] ?? 400
    yield { name: `cut with seed ${seed}`, sizes: seededSizes(seed, largest) }
  }
}

/** The events of each frame as text, so that nothing in them can be a view of bytes that are gone. */
function eventTexts(translation: ChatTranslation, bytes: Buffer, sizes: Iterable<number>): readonly string[] {
  const scanner = new SseScanner()
  const reader = translation.openEvents()
  const texts: string[] = []
  const push = (piece: Buffer) => {
    for (const { event, data } of scanner.push(piece)) {
      const own = Buffer.from(data)
      const { events } = reader.read(event, own)
      // Of a stream in pieces nothing may be kept but what was copied: the next piece takes its place.
      if (piece !== bytes) own.fill(0)
      texts.push(JSON.stringify(events, spelled))
    }
  }
  let position = 0
  for (const size of sizes) {
    if (position >= bytes.length) break
    push(bytes.subarray(position, position + size))
    position += size
  }
  push(position === 0 ? bytes : bytes.subarray(position))
  const { frame } = scanner.end()
  if (frame) texts.push(JSON.stringify(reader.read(frame.event, frame.data).events, spelled))
  return [...texts, JSON.stringify(reader.end(), spelled)]
}

/** Money is a big integer. */
function spelled(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
