/** One message of an AWS event stream, its headers read only when it is asked. */
export class AwsEventFrame {
  /** Exactly as it came, with its checksums. */
  readonly bytes: Buffer
  readonly #headersEnd: number
  #read: { readonly event: string; readonly data: Buffer } | undefined

  /** Made by the scanner only, of a whole message whose checksums are right. */
  constructor(bytes: Buffer, headersBytes: number) {
    this.bytes = bytes
    this.#headersEnd = preludeBytes + headersBytes
  }

  get event(): string {
    return this.#content.event
  }

  get data(): Buffer {
    return this.#content.data
  }

  get hasData(): boolean {
    return this.data.length > 0
  }

  get #content() {
    return (this.#read ??= readContent(
      readHeaders(this.bytes.subarray(preludeBytes, this.#headersEnd)),
      this.bytes.subarray(this.#headersEnd, this.bytes.length - checksumBytes),
    ))
  }
}

export const preludeBytes = 12
export const checksumBytes = 4

/**
 * A message is an event, an exception that its service model names, or an error that none names, which has no payload.
 * Source: Smithy 2.0, "Amazon Event Stream", read 2026-11.
 */
function readContent(headers: ReadonlyMap<string, string>, payload: Buffer): { event: string; data: Buffer } {
  switch (headers.get(':message-type')) {
    case 'exception':
      return { event: headers.get(':exception-type') ?? 'error', data: payload }
    case 'error': {
      const told = { code: headers.get(':error-code') ?? '', message: headers.get(':error-message') ?? '' }
      return { event: 'error', data: Buffer.from(JSON.stringify(told)) }
    }
    default: {
      const event = headers.get(':event-type') ?? ''
      return event === 'chunk' ? unwrapped(payload) : { event, data: payload }
    }
  }
}

/** Bedrock's `invoke-with-response-stream` carries the events of a model's own API, each as bytes in an event of its own. */
function unwrapped(payload: Buffer): { event: string; data: Buffer } {
  const [, base64] = /"bytes":"([A-Za-z0-9+/=]*)"/.exec(payload.toString('latin1')) ?? []
  if (base64 === undefined) return { event: 'chunk', data: payload }
  const data = Buffer.from(base64, 'base64')
  const [, type = ''] = /^\{"type":"([a-z_]{1,64})"/.exec(data.toString('latin1', 0, 100)) ?? []
  return { event: type, data }
}

/** Those that are text. Headers that cannot be read end the list: the checksums say that they came as they were sent. */
function readHeaders(block: Buffer): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  let position = 0
  while (position < block.length) {
    const nameEnd = position + 1 + (block[position] ?? 0)
    const type = block[nameEnd]
    const valueStart = nameEnd + 1
    if (type === undefined) break
    const isCounted = type === byteArrayType || type === stringType
    if (isCounted && valueStart + 2 > block.length) break
    const start = isCounted ? valueStart + 2 : valueStart
    const end = isCounted ? start + block.readUInt16BE(valueStart) : start + (fixedBytes[type] ?? block.length)
    if (end > block.length) break
    if (type === stringType)
      headers.set(block.toString('utf8', position + 1, nameEnd), block.toString('utf8', start, end))
    position = end
  }
  return headers
}

const byteArrayType = 6
export const stringType = 7
/** By type: true, false, a byte, 2, 4 and 8 bytes, (counted, counted,) a time, a UUID. */
const fixedBytes: Readonly<Record<number, number>> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 }
