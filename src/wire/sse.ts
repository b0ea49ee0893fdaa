import { GatewayError } from '../canonical/error.ts'
import { SseFrame } from './sse-frame.ts'

export { SseFrame } from './sse-frame.ts'
export { writeSse } from './sse-write.ts'

/** failures.md N6: a stream may not make us buffer more than this for one event. */
export const defaultMaxFrameBytes = 16 * 1024 * 1024

/** What is left when the bytes of a stream have come to their end. */
export interface SseEnd {
  /** The last frame, where only the end could tell that it was whole: its blank line was closed by a CR. */
  readonly frame: SseFrame | undefined
  /** The bytes after the last frame. Often empty. */
  readonly tail: Buffer
  /** Whether the tail is the beginning of a frame. False when it is empty or holds line ends only. */
  readonly isMidFrame: boolean
}

/**
 * Finds the frames of one server-sent event stream in chunks of any size. The bytes of all frames in order, and the
 * tail after them, are exactly the bytes that were pushed; how these were cut into chunks changes nothing. One a stream.
 *
 * A frame ends with the first blank line after a line that is not blank: blank lines before it are part of it. Where a
 * lone CR closes both its last line and its blank line, the frame ends there, and an LF after it opens the next one: a
 * stream with CR line ends need not wait for the byte after. With other line ends a CR at a chunk's end waits for its LF.
 * Source: WHATWG HTML, section 9.2.6, "Interpreting an event stream".
 */
export class SseScanner {
  readonly #maxFrameBytes: number
  /** The beginning of the frame that is not whole yet: the end of the last chunk, or `#gathered`'s first bytes. */
  #pending: Buffer = noBytes
  /** Grows by doubling, so that a large frame in small chunks costs time in proportion to its size. */
  #gathered: Buffer | undefined
  /** How much of a byte order mark the stream has begun with; `bomPassed` when that is settled. */
  #bomBytes = 0
  #textOffset = 0
  #isLineStart = true
  /** Whether the frame holds a line that is not blank. */
  #hasLine = false
  #hasCr = false
  #endedByLoneCr = false
  /** The last chunk ended with the CR of a line end: an LF that comes now belongs to it. */
  #isAfterCr = false
  /** That CR ended the frame as well. */
  #isHeld = false
  #isLost = false

  constructor(maxFrameBytes: number = defaultMaxFrameBytes) {
    this.#maxFrameBytes = maxFrameBytes
  }

  /**
   * The frames that this chunk completes, in order. A frame that lies within the chunk is a view of it.
   * @throws GatewayError `upstream_invalid` when a frame, whole or not, is beyond the limit. The stream is lost then.
   */
  push(chunk: Buffer): readonly SseFrame[] {
    const length = chunk.length
    if (this.#isLost) throw this.#tooLarge()
    if (length === 0) return noFrames
    const frames: SseFrame[] = []
    let frameStart = 0
    let position = this.#bomBytes === bomPassed ? 0 : this.#passBom(chunk)
    if (this.#isAfterCr) {
      this.#isAfterCr = false
      if (chunk[0] === lineFeed) position = 1
      this.#endedByLoneCr = position === 0
      if (this.#isHeld) {
        frames.push(this.#complete(chunk, 0, position))
        frameStart = position
      }
    }

    let lf = indexOrEnd(chunk, lineFeed, position)
    let cr = indexOrEnd(chunk, carriageReturn, position)
    while (position < length) {
      const end = lf < cr ? lf : cr
      const isBlank = this.#isLineStart && end === position
      this.#isLineStart = end < length
      if (end === length) break
      position = end + 1
      const isFrameEnd = isBlank && this.#hasLine
      if (!isBlank) this.#hasLine = true

      if (end === lf) {
        this.#endedByLoneCr = false
        lf = indexOrEnd(chunk, lineFeed, position)
      } else {
        this.#hasCr = true
        if (!isFrameEnd || !this.#endedByLoneCr) {
          if (position === length) {
            this.#isAfterCr = isFrameEnd || !isBlank
            this.#isHeld = isFrameEnd
            break
          }
          this.#endedByLoneCr = chunk[position] !== lineFeed
          if (!this.#endedByLoneCr) position++
        }
        cr = indexOrEnd(chunk, carriageReturn, position)
        if (lf < position) lf = indexOrEnd(chunk, lineFeed, position)
      }

      if (isFrameEnd) {
        frames.push(this.#complete(chunk, frameStart, position))
        frameStart = position
      }
    }
    if (frameStart < length) this.#keep(frameStart === 0 ? chunk : chunk.subarray(frameStart))
    return frames
  }

  /** Says that no more bytes will come. */
  end(): SseEnd {
    if (this.#isHeld) return { frame: this.#complete(noBytes, 0, 0), tail: noBytes, isMidFrame: false }
    const isBomCut = this.#bomBytes > 0 && this.#bomBytes < byteOrderMark.length
    return { frame: undefined, tail: this.#pending, isMidFrame: this.#hasLine || !this.#isLineStart || isBomCut }
  }

  /** A byte order mark is no text, but only as the very first bytes of the stream. Gives the offset of the text. */
  #passBom(chunk: Buffer): number {
    for (let position = 0; position < chunk.length; position++) {
      if (chunk[position] !== byteOrderMark[this.#bomBytes]) {
        // What looked like the beginning of the mark was the beginning of a line.
        this.#isLineStart = this.#bomBytes === 0
        this.#bomBytes = bomPassed
        return position
      }
      this.#bomBytes++
      if (this.#bomBytes === byteOrderMark.length) {
        this.#textOffset = byteOrderMark.length
        this.#bomBytes = bomPassed
        return position + 1
      }
    }
    return chunk.length
  }

  #complete(chunk: Buffer, start: number, end: number): SseFrame {
    const pendingBytes = this.#pending.length
    if (pendingBytes + end - start > this.#maxFrameBytes) throw this.#tooLarge()
    let source = chunk
    let sourceStart = start
    let sourceEnd = end
    if (pendingBytes > 0) {
      if (end > start) this.#keep(chunk.subarray(start, end))
      source = this.#pending
      sourceStart = 0
      sourceEnd = source.length
      this.#pending = noBytes
      this.#gathered = undefined
    }
    const frame = new SseFrame(source, sourceStart, sourceEnd, this.#textOffset, this.#hasCr)
    this.#textOffset = 0
    this.#isLineStart = true
    this.#hasLine = false
    this.#hasCr = false
    this.#isHeld = false
    return frame
  }

  #keep(bytes: Buffer): void {
    const before = this.#pending.length
    const after = before + bytes.length
    if (after > this.#maxFrameBytes) throw this.#tooLarge()
    if (before === 0) {
      this.#pending = bytes
      return
    }
    if (this.#gathered === undefined || this.#gathered.length < after) {
      const larger = Buffer.allocUnsafe(Math.min(this.#maxFrameBytes, Math.max(after * 2, smallestGatherBytes)))
      this.#pending.copy(larger)
      this.#gathered = larger
    }
    bytes.copy(this.#gathered, before)
    this.#pending = this.#gathered.subarray(0, after)
  }

  #tooLarge(): GatewayError {
    this.#isLost = true
    this.#pending = noBytes
    this.#gathered = undefined
    return new GatewayError('upstream_invalid', `the provider sent an event larger than ${this.#maxFrameBytes} bytes`)
  }
}

const lineFeed = 0x0a
const carriageReturn = 0x0d
const byteOrderMark = Buffer.from('\uFEFF')
const bomPassed = byteOrderMark.length
const smallestGatherBytes = 1024
const noBytes = Buffer.alloc(0)
const noFrames: readonly SseFrame[] = Object.freeze([])

function indexOrEnd(chunk: Buffer, byte: number, from: number): number {
  // Every frame has a blank line: looking first saves half of the searches, which are calls out of JavaScript.
  if (from < chunk.length && chunk[from] === byte) return from
  const index = chunk.indexOf(byte, from)
  return index === -1 ? chunk.length : index
}
