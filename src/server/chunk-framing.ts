/**
 * Frames bytes as one chunk of HTTP's chunked coding, in one buffer: Node's own framing makes four writes of each, which a
 * `writev` then gathers. Source: RFC 9112, section 7.1.
 */
export function chunkOf(bytes: Buffer): Buffer {
  // No bytes would be the last chunk.
  return bytes.length === 0 ? bytes : framed(bytes, '')
}

/** The same, and the end of the body behind it. */
export function lastChunkOf(bytes: Buffer | undefined): Buffer {
  return bytes === undefined || bytes.length === 0 ? Buffer.from(ending) : framed(bytes, ending)
}

const lineEnd = '\r\n'
const ending = `0${lineEnd}${lineEnd}`

function framed(bytes: Buffer, after: string): Buffer {
  const size = bytes.length.toString(16)
  const target = Buffer.allocUnsafe(size.length + lineEnd.length + bytes.length + lineEnd.length + after.length)
  let written = target.write(size + lineEnd, 'latin1')
  written += bytes.copy(target, written)
  target.write(lineEnd + after, written, 'latin1')
  return target
}
