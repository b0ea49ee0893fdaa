import type { Call } from '../../canonical/call.ts'
import { SseScanner } from '../../wire/sse.ts'
import type { Dialect, FrameMeaning, StreamFacts } from '../dialect.ts'

/** What a stream came to: the meaning of each frame, and the facts after each and at the end. */
export interface Played {
  readonly meanings: readonly FrameMeaning[]
  readonly factsAfter: readonly StreamFacts[]
  readonly facts: StreamFacts
}

/** Reads a stream in pieces of these sizes, the rest in one. */
export function playStream(dialect: Dialect, call: Call, bytes: Buffer, sizes: Iterable<number> = []): Played {
  const scanner = new SseScanner()
  const reader = dialect.openStream(call)
  const meanings: FrameMeaning[] = []
  const factsAfter: StreamFacts[] = []
  const push = (piece: Buffer) => {
    // The reader may look at the data during the call only: what is kept of it would change under the next piece.
    for (const frame of scanner.push(piece)) {
      const data = Buffer.from(frame.data)
      meanings.push(reader.read(frame.event, data))
      data.fill(0)
      factsAfter.push(reader.facts())
    }
  }
  let position = 0
  for (const size of sizes) {
    if (position >= bytes.length) break
    push(bytes.subarray(position, position + size))
    position += size
  }
  push(bytes.subarray(position))
  const { frame } = scanner.end()
  if (frame) meanings.push(reader.read(frame.event, frame.data))
  return { meanings, factsAfter, facts: reader.facts() }
}

/** Piece sizes from 1 to `largest`, always the same for the same seed (mulberry32, public domain). */
export function* seededSizes(seed: number, largest: number): Generator<number> {
  let state = seed >>> 0
  for (;;) {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    yield 1 + (((mixed ^ (mixed >>> 14)) >>> 0) % largest)
  }
}

export function* ones(): Generator<number> {
  for (;;) yield 1
}
