import { crc32 } from 'node:zlib'
import { GatewayError } from '../canonical/error.ts'
import { AwsEventFrame, checksumBytes, preludeBytes, stringType } from './aws-event-frame.ts'
import type { FrameScanner } from './frame.ts'

/** As for server-sent events (failures.md N6). Amazon's own limit is 24 MB, which no event of a model comes near. */
export const mostAwsEventBytes = 16 * 1024 * 1024

/**
 * Finds the messages of one AWS event stream in chunks of any size. A message tells its length, and bears two checksums: one of its
 * lengths, one of all of it. One a stream.
 * Source: Smithy 2.0, "Amazon Event Stream", read 2026-11.
 */
export class AwsEventScanner implements FrameScanner {
  /** Parts of the message that is not whole yet. */
  #parts: Buffer[] = []
  #size = 0
  /** How many bytes must be there before there is anything to do. */
  #wanted = preludeBytes

  push(chunk: Buffer): readonly AwsEventFrame[] {
    if (chunk.length === 0) return []
    this.#parts.push(chunk)
    this.#size += chunk.length
    const frames: AwsEventFrame[] = []
    while (this.#size >= this.#wanted) {
      const bytes = this.#joined()
      const { totalBytes, headersBytes } = readPrelude(bytes)
      this.#wanted = totalBytes
      if (bytes.length < totalBytes) break
      const message = bytes.subarray(0, totalBytes)
      const body = totalBytes - checksumBytes
      if (crc32(message.subarray(0, body)) !== message.readUInt32BE(body))
        throw broken('an event whose checksum is wrong')
      frames.push(new AwsEventFrame(message, headersBytes))
      this.#parts = bytes.length === totalBytes ? [] : [bytes.subarray(totalBytes)]
      this.#size -= totalBytes
      this.#wanted = preludeBytes
    }
    return frames
  }

  end(): { readonly frame: undefined } {
    if (this.#size > 0) throw new GatewayError('upstream_cut', 'the provider’s stream ended in the middle of an event')
    return { frame: undefined }
  }

  #joined(): Buffer {
    const [only] = this.#parts
    const joined = only && this.#parts.length === 1 ? only : Buffer.concat(this.#parts, this.#size)
    this.#parts = [joined]
    return joined
  }
}

function readPrelude(bytes: Buffer): { readonly totalBytes: number; readonly headersBytes: number } {
  if (crc32(bytes.subarray(0, preludeBytes - checksumBytes)) !== bytes.readUInt32BE(preludeBytes - checksumBytes))
    throw broken('an event whose lengths are wrong')
  const totalBytes = bytes.readUInt32BE(0)
  const headersBytes = bytes.readUInt32BE(4)
  if (totalBytes > mostAwsEventBytes) throw broken(`an event larger than ${mostAwsEventBytes} bytes`)
  if (totalBytes < preludeBytes + headersBytes + checksumBytes) throw broken('an event whose lengths are wrong')
  return { totalBytes, headersBytes }
}

function broken(what: string): GatewayError {
  return new GatewayError('upstream_invalid', `the provider sent ${what}`)
}

/**
 * One event as a message.
 * @param event the event's name, or that of an exception.
 * @param data JSON.
 */
export function writeAwsEvent(event: string, data: Buffer): Buffer {
  const isException = event.endsWith('Exception')
  const headers = Buffer.concat([
    ...headerBytes(isException ? ':exception-type' : ':event-type', event),
    ...headerBytes(':content-type', 'application/json'),
    ...headerBytes(':message-type', isException ? 'exception' : 'event'),
  ])
  const totalBytes = preludeBytes + headers.length + data.length + checksumBytes
  const message = Buffer.alloc(totalBytes)
  message.writeUInt32BE(totalBytes, 0)
  message.writeUInt32BE(headers.length, 4)
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8)
  headers.copy(message, preludeBytes)
  data.copy(message, preludeBytes + headers.length)
  message.writeUInt32BE(crc32(message.subarray(0, totalBytes - checksumBytes)), totalBytes - checksumBytes)
  return message
}

function headerBytes(name: string, value: string): readonly Buffer[] {
  const [nameBytes, valueBytes] = [Buffer.from(name), Buffer.from(value)]
  const length = Buffer.alloc(2)
  length.writeUInt16BE(valueBytes.length)
  return [Buffer.of(nameBytes.length), nameBytes, Buffer.of(stringType), length, valueBytes]
}
