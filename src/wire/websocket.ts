import { createHash } from 'node:crypto'
import { GatewayError } from '../canonical/error.ts'

/** WebSocket framing (RFC 6455) without extensions: read, never changed, so that what passes is what came. */

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** A whole message, or a control frame. */
export interface SocketMessage {
  readonly kind: 'text' | 'binary' | 'close' | 'ping' | 'pong'
  /** Unmasked. */
  readonly payload: Buffer
  /** Its frames as they came. */
  readonly raw: Buffer
}

/** The longest message that is held to be looked at; OpenAI's own bound on audio is 15 MiB. */
export const mostMessageBytes = 16 * 1024 * 1024

const leastHeadBytes = 2

/** Puts frames together to messages. One for each direction of a connection. */
export class SocketReader {
  /** Clients mask, servers do not. */
  readonly #isMasked: boolean
  /** Bytes of a frame that is not whole. They are joined when it is, not with each read: a long message comes in many. */
  #waiting: Buffer[] = []
  #waitingBytes = 0
  /** With fewer than so many, nothing more can be told of the frame. */
  #neededBytes = leastHeadBytes
  #message: { readonly kind: 'text' | 'binary'; readonly payloads: Buffer[]; readonly raws: Buffer[] } | undefined
  #heldBytes = 0

  constructor(isMasked: boolean) {
    this.#isMasked = isMasked
  }

  /**
   * @returns the messages that are whole by now.
   * @throws GatewayError `invalid_request` for what is no frame that may come here, or too long.
   */
  take(bytes: Buffer): readonly SocketMessage[] {
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    const messages: SocketMessage[] = []
    for (let frame = this.#next(); frame; frame = this.#next()) {
      const message = this.#hear(frame)
      if (message) messages.push(message)
    }
    return messages
  }

  #next(): Frame | undefined {
    if (this.#waitingBytes < this.#neededBytes) return undefined
    const [only, ...others] = this.#waiting
    const bytes = only && others.length === 0 ? only : Buffer.concat(this.#waiting)
    this.#wait(bytes, leastHeadBytes)
    const [first = 0, second = 0] = bytes
    if ((first & 0x70) !== 0) throw broken('a frame uses an extension that was not agreed on')
    if (((second & 0x80) !== 0) !== this.#isMasked) throw broken('a frame is masked the wrong way')
    const size = sizeIn(bytes, second & 0x7f)
    if (!size) {
      this.#neededBytes = bytes.length + 1
      return undefined
    }
    const start = size.end + (this.#isMasked ? 4 : 0)
    if (size.bytes + this.#heldBytes > mostMessageBytes)
      throw broken(`a message is longer than ${mostMessageBytes} bytes`)
    const end = start + size.bytes
    if (bytes.length < end) {
      this.#neededBytes = end
      return undefined
    }
    this.#wait(bytes.subarray(end), leastHeadBytes)
    const payload = bytes.subarray(start, end)
    return {
      isLast: (first & 0x80) !== 0,
      opcode: first & 0x0f,
      payload: this.#isMasked ? unmasked(payload, bytes.subarray(size.end, start)) : payload,
      raw: bytes.subarray(0, end),
    }
  }

  #wait(bytes: Buffer, neededBytes: number): void {
    this.#waiting = bytes.length === 0 ? [] : [bytes]
    this.#waitingBytes = bytes.length
    this.#neededBytes = neededBytes
  }

  #hear({ isLast, opcode, payload, raw }: Frame): SocketMessage | undefined {
    const control = controlKinds.get(opcode)
    if (control) {
      if (!isLast || payload.length > 125) throw broken('a control frame is cut, or too long')
      return { kind: control, payload, raw }
    }
    const known = this.#message
    if ((opcode === opcodes.continuation) !== (known !== undefined) || opcode > opcodes.binary)
      throw broken('frames came out of order')
    const kind = known?.kind ?? (opcode === opcodes.text ? 'text' : 'binary')
    const message = known ?? { kind, payloads: [], raws: [] }
    message.payloads.push(payload)
    message.raws.push(raw)
    this.#heldBytes += payload.length
    this.#message = isLast ? undefined : message
    if (!isLast) return undefined
    this.#heldBytes = 0
    return { kind, payload: Buffer.concat(message.payloads), raw: Buffer.concat(message.raws) }
  }
}

interface Frame {
  readonly isLast: boolean
  readonly opcode: number
  readonly payload: Buffer
  readonly raw: Buffer
}

const controlKinds: ReadonlyMap<number, 'close' | 'ping' | 'pong'> = new Map([
  [opcodes.close, 'close'],
  [opcodes.ping, 'ping'],
  [opcodes.pong, 'pong'],
])

/** Why a connection is closed (RFC 6455, 7.4.1). */
export const closeCodes = { normal: 1000, goingAway: 1001, protocol: 1002, policy: 1008, internal: 1011 } as const

/** A server's frame: not masked. @param reason cut to what a control frame can hold. */
export function closeFrame(code: number, reason: string): Buffer {
  const text = cutText(Buffer.from(reason), mostReasonBytes)
  const payload = Buffer.alloc(2 + text.length)
  payload.writeUInt16BE(code)
  text.copy(payload, 2)
  return Buffer.concat([Buffer.from([0x80 | opcodes.close, payload.length]), payload])
}

/** A control frame holds 125 bytes, with two for the code. */
const mostReasonBytes = 120

/** Not in the middle of a character, which no client would take. */
function cutText(text: Buffer, mostBytes: number): Buffer {
  let end = Math.min(text.length, mostBytes)
  while (end < text.length && ((text[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return text.subarray(0, end)
}

/** A client's frame. @param mask four bytes by lot (RFC 6455, 5.3). */
export function maskedTextFrame(text: string, mask: Buffer): Buffer {
  const plain = textFrame(text)
  const payload = Buffer.from(text)
  const head = plain.subarray(0, plain.length - payload.length)
  head[1] = (head[1] ?? 0) | 0x80
  return Buffer.concat([head, mask, unmasked(payload, mask)])
}

/** A server's frame. */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const head = payload.length < 126 ? Buffer.alloc(2) : Buffer.alloc(payload.length < 65_536 ? 4 : 10)
  head[0] = 0x80 | opcodes.text
  if (payload.length < 126) head[1] = payload.length
  else if (payload.length < 65_536) {
    head[1] = 126
    head.writeUInt16BE(payload.length, 2)
  } else {
    head[1] = 127
    head.writeBigUInt64BE(BigInt(payload.length), 2)
  }
  return Buffer.concat([head, payload])
}

/** A server's frame of either kind of message. */
export function dataFrame(kind: 'text' | 'binary', text: string): Buffer {
  const frame = textFrame(text)
  frame[0] = 0x80 | opcodes[kind]
  return frame
}

/** What a server answers to the key of a client (RFC 6455, 4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

function sizeIn(bytes: Buffer, short: number): { readonly bytes: number; readonly end: number } | undefined {
  if (short < 126) return { bytes: short, end: 2 }
  if (short === 126) return bytes.length < 4 ? undefined : { bytes: bytes.readUInt16BE(2), end: 4 }
  if (bytes.length < 10) return undefined
  const long = bytes.readBigUInt64BE(2)
  if (long > BigInt(mostMessageBytes)) throw broken(`a message is longer than ${mostMessageBytes} bytes`)
  return { bytes: Number(long), end: 10 }
}

function unmasked(payload: Buffer, mask: Buffer): Buffer {
  const plain = Buffer.allocUnsafe(payload.length)
  for (let place = 0; place < payload.length; place += 1) plain[place] = (payload[place] ?? 0) ^ (mask[place & 3] ?? 0)
  return plain
}

function broken(message: string): GatewayError {
  return new GatewayError('invalid_request', message)
}
