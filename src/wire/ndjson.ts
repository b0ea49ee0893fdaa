import { GatewayError } from '../canonical/error.ts'
import type { Frame, FrameScanner } from './frame.ts'
import { parseUnscannedJson } from './json-parse.ts'

/** As for server-sent events (failures.md N6). */
export const mostJsonLineBytes = 16 * 1024 * 1024

/**
 * Finds the lines of one stream of JSON values, each on a line of its own, in chunks of any size. One a stream. A blank line says
 * nothing. The bytes of all frames in order are the bytes that were pushed, up to a last line that is no whole value.
 */
export class JsonLineScanner implements FrameScanner {
  readonly #maxLineBytes: number
  /** Parts of the line that is not whole yet. */
  #parts: Buffer[] = []
  #sizeBytes = 0

  constructor(maxLineBytes: number = mostJsonLineBytes) {
    this.#maxLineBytes = maxLineBytes
  }

  push(chunk: Buffer): readonly Frame[] {
    const frames: Frame[] = []
    let start = 0
    for (let lf = chunk.indexOf(lineFeed); lf !== -1; lf = chunk.indexOf(lineFeed, start)) {
      this.#grow(lf + 1 - start)
      frames.push(frameOf(this.#line(chunk.subarray(start, lf + 1))))
      start = lf + 1
    }
    if (start === chunk.length) return frames
    this.#grow(chunk.length - start)
    this.#parts.push(chunk.subarray(start))
    return frames
  }

  /** Only the end tells that a last line without a line end is whole; half a value is none. */
  end(): { readonly frame: Frame | undefined } {
    const frame = frameOf(this.#line(noBytes))
    return { frame: frame.hasData && isJson(frame.data) ? frame : undefined }
  }

  #grow(bytes: number): void {
    this.#sizeBytes += bytes
    if (this.#sizeBytes > this.#maxLineBytes)
      throw new GatewayError(
        'upstream_invalid',
        `the provider sent a line of more than ${this.#maxLineBytes} bytes in its stream`,
      )
  }

  #line(rest: Buffer): Buffer {
    const parts = this.#parts
    this.#parts = []
    this.#sizeBytes = 0
    return parts.length === 0 ? rest : Buffer.concat([...parts, rest])
  }
}

function frameOf(bytes: Buffer): Frame {
  let end = bytes.length
  while (end > 0 && isBlank(bytes[end - 1])) end--
  let start = 0
  while (start < end && isBlank(bytes[start])) start++
  return { bytes, event: '', data: bytes.subarray(start, end), hasData: end > start }
}

const lineFeed = 0x0a
const noBytes = Buffer.alloc(0)

function isBlank(byte: number | undefined): boolean {
  return byte === lineFeed || byte === 0x0d || byte === 0x20 || byte === 0x09
}

function isJson(data: Buffer): boolean {
  try {
    parseUnscannedJson(data.toString())
    return true
  } catch {
    // Not swallowed: what is left is half a value, and the stream is cut.
    return false
  }
}
