import { headLimits, isTrailerLine, mayBecomeHead, readHead, type AnswerHead } from './answer-head.ts'
import { framingOf, keepsConnection } from './framing.ts'

/** Hears the parts of one answer as they are found. It may `stop` the reader from inside. */
export interface AnswerListener {
  /** The head of the answer itself; informational ones are left out. */
  head(head: AnswerHead): void
  /** Part of the body, as it lies in the bytes that were read. Never empty. */
  body(bytes: Buffer): void
}

/** Limits of the lines between the chunks of a body. */
export const chunkLimits = { sizeDigits: 12, extensionBytes: 1024 } as const

/**
 * Where in an answer the next byte belongs. The last two are the ends: `whole` as the answer frames itself, and `malformed`,
 * after which nothing of the connection means anything.
 */
type Phase =
  | 'head'
  | 'sized'
  | 'until-close'
  | 'chunk-size'
  | 'chunk-extension'
  | 'chunk-size-lf'
  | 'chunk'
  | 'chunk-cr'
  | 'chunk-lf'
  | 'trailer'
  | 'whole'
  | 'malformed'

/**
 * Reads the answers of one HTTP/1.1 connection (RFC 9112), one after another, from its bytes as they come. Bytes of bodies are
 * passed on and not copied. Strict where two readers could disagree on where an answer ends (RFC 9112, 6.3 and 11.2): such
 * an answer is malformed.
 */
export class AnswerReader {
  phase: Phase = 'head'
  /** Something of an answer has come, be it an informational one. */
  hasBegun = false
  /** The head of the answer itself, once it is here. */
  head: AnswerHead | undefined
  /** The head told the length of the body. */
  declaresLength = false
  /** Another answer may follow on this connection, as far as this one says. */
  mayFollow = false
  /** What is wrong, where the answer is malformed: never its words. */
  problem = ''
  #mayUpgrade = false
  #isStopped = false
  /** What has come of a head that is not whole. */
  #headPart: Buffer | undefined
  #informational = 0
  /** Bytes that the body, or its chunk, still has. */
  #leftBytes = 0
  #sizeDigits = 0
  /** What has come of an extension or a trailer. */
  #line = ''
  #trailerBytes = 0
  #trailers = 0

  /**
   * What comes next is the answer to a call.
   * @param mayUpgrade the call asks for another protocol: an answer with status 101 is whole with its head, and what follows is not HTTP.
   */
  begin({ mayUpgrade = false } = {}): void {
    this.phase = 'head'
    this.#mayUpgrade = mayUpgrade
    this.hasBegun = false
    this.head = undefined
    this.declaresLength = false
    this.mayFollow = false
    this.#isStopped = false
    this.#informational = 0
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /** Reads no further than the part that is told now, until `goOn`. */
  stop(): void {
    this.#isStopped = true
  }

  goOn(): void {
    this.#isStopped = false
  }

  /** @returns how many of the bytes were read: all but where the answer ended, or the reader was stopped. */
  read(bytes: Buffer, listener: AnswerListener): number {
    this.hasBegun = true
    let at = 0
    while (at < bytes.length && !this.#isStopped && this.phase !== 'whole' && this.phase !== 'malformed')
      at = this.#step(bytes, at, listener)
    return at
  }

  /** The other side has ended the connection in good order. @returns whether that is the end of the answer. */
  isWholeAtEnd(): boolean {
    return this.phase === 'whole' || this.phase === 'until-close'
  }

  /** Reads on from `at` as far as one phase goes. @returns where the next one begins. */
  #step(bytes: Buffer, at: number, listener: AnswerListener): number {
    switch (this.phase) {
      case 'head':
        return this.#readHead(bytes, at, listener)
      case 'sized':
        return this.#readSized(bytes, at, listener, 'whole')
      case 'until-close':
        listener.body(at === 0 ? bytes : bytes.subarray(at))
        return bytes.length
      case 'chunk-size':
        return this.#readChunkSize(bytes, at)
      case 'chunk-extension':
        return this.#readExtension(bytes, at)
      case 'chunk-size-lf':
        return this.#expect(bytes, at, lf, this.#leftBytes === 0 ? 'trailer' : 'chunk')
      case 'chunk':
        return this.#readSized(bytes, at, listener, 'chunk-cr')
      case 'chunk-cr':
        return this.#expect(bytes, at, cr, 'chunk-lf')
      case 'chunk-lf':
        this.#expectChunkSize()
        return this.#expect(bytes, at, lf, 'chunk-size')
      case 'trailer':
        return this.#readTrailer(bytes, at)
      case 'whole':
      case 'malformed':
        return at
    }
  }

  #readHead(bytes: Buffer, at: number, listener: AnswerListener): number {
    const before = this.#headPart?.length ?? 0
    const came = at === 0 ? bytes : bytes.subarray(at)
    const part = this.#headPart ? Buffer.concat([this.#headPart, came]) : came
    // The empty line may have begun in what came before.
    const emptyLine = part.indexOf(headEnd, Math.max(0, before - headEnd.length + 1))
    const sizeBytes = emptyLine < 0 ? part.length : emptyLine + headEnd.length
    if (sizeBytes > headLimits.sizeBytes) return this.#refuse('its head is too large', bytes)
    if (emptyLine < 0) {
      if (!mayBecomeHead(part.toString('latin1'))) return this.#refuse('its head is no head of HTTP/1.1', bytes)
      this.#headPart = part
      return bytes.length
    }
    this.#headPart = undefined
    const head = readHead(part.toString('latin1', 0, sizeBytes))
    if (!head) return this.#refuse('its head is no head of HTTP/1.1', bytes)
    const next = at + sizeBytes - before
    return head.status < 200 && !(this.#mayUpgrade && head.status === 101)
      ? this.#passInformational(head, next, bytes)
      : this.#enterBody(head, next, bytes, listener)
  }

  #passInformational(head: AnswerHead, next: number, bytes: Buffer): number {
    // Neither was asked for.
    if (head.status <= 101) return this.#refuse(`it has status ${head.status}`, bytes)
    if (head.header('content-length') !== undefined || head.header('transfer-encoding') !== undefined)
      return this.#refuse('an informational answer has a body', bytes)
    if (!keepsConnection(head)) return this.#refuse('an informational answer ends the connection', bytes)
    this.#informational += 1
    if (this.#informational > headLimits.informational) return this.#refuse('informational answers without end', bytes)
    return next
  }

  #enterBody(head: AnswerHead, next: number, bytes: Buffer, listener: AnswerListener): number {
    const framing = framingOf(head)
    if (framing.kind === 'malformed') return this.#refuse(framing.why, bytes)
    this.head = head
    this.mayFollow = framing.mayFollow
    switch (framing.kind) {
      case 'sized':
        this.declaresLength = true
        this.#leftBytes = framing.sizeBytes
        this.phase = framing.sizeBytes === 0 ? 'whole' : 'sized'
        break
      case 'none':
        this.phase = 'whole'
        break
      case 'chunked':
        this.phase = 'chunk-size'
        this.#expectChunkSize()
        this.#trailerBytes = 0
        this.#trailers = 0
        break
      case 'until-close':
        this.phase = 'until-close'
        break
    }
    listener.head(head)
    return next
  }

  #readSized(bytes: Buffer, at: number, listener: AnswerListener, then: Phase): number {
    const end = Math.min(bytes.length, at + this.#leftBytes)
    this.#leftBytes -= end - at
    if (this.#leftBytes === 0) this.phase = then
    listener.body(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end))
    return end
  }

  #expectChunkSize(): void {
    this.#leftBytes = 0
    this.#sizeDigits = 0
  }

  #readChunkSize(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0
      const digit = hexDigitOf(byte)
      if (digit >= 0 && this.#sizeDigits < chunkLimits.sizeDigits) {
        this.#leftBytes = this.#leftBytes * 16 + digit
        this.#sizeDigits += 1
        continue
      }
      if (this.#sizeDigits === 0 || (byte !== cr && byte !== semicolon))
        return this.#refuse('the size of a chunk is none', bytes)
      this.#line = ''
      this.phase = byte === cr ? 'chunk-size-lf' : 'chunk-extension'
      return byte === cr ? at + 1 : at
    }
    return bytes.length
  }

  /** Extensions say nothing to us (RFC 9112, 7.1.1), but must be ones, or the line might end elsewhere for another reader. */
  #readExtension(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(cr, from)
    this.#line += bytes.toString('latin1', from, end < 0 ? bytes.length : end)
    if (this.#line.length > chunkLimits.extensionBytes) return this.#refuse('a chunk has too long an extension', bytes)
    if (end < 0) return bytes.length
    if (!extensionsShape.test(this.#line)) return this.#refuse('the extension of a chunk is none', bytes)
    this.#line = ''
    this.phase = 'chunk-size-lf'
    return end + 1
  }

  /** Headers behind the body. They are looked at only for their shape. */
  #readTrailer(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(lf, from)
    const next = end < 0 ? bytes.length : end + 1
    this.#line += bytes.toString('latin1', from, next)
    this.#trailerBytes += next - from
    if (this.#trailerBytes > headLimits.sizeBytes) return this.#refuse('its trailers are too large', bytes)
    if (end < 0) return next
    const line = this.#line
    this.#line = ''
    if (line === '\r\n') this.phase = 'whole'
    else if (!isTrailerLine(line)) return this.#refuse('a trailer is none', bytes)
    else if ((this.#trailers += 1) > headLimits.headers) return this.#refuse('it has too many trailers', bytes)
    return next
  }

  #expect(bytes: Buffer, at: number, byte: number, then: Phase): number {
    if (bytes[at] !== byte) return this.#refuse('a chunk does not end where it says', bytes)
    this.phase = then
    return at + 1
  }

  #refuse(problem: string, bytes: Buffer): number {
    this.phase = 'malformed'
    this.problem = problem
    this.#headPart = undefined
    this.#line = ''
    return bytes.length
  }
}

const headEnd = Buffer.from('\r\n\r\n')
const cr = 0x0d
const lf = 0x0a
const semicolon = 0x3b

/** RFC 9112, 7.1.1, without the bad whitespace that it allows to be understood. */
const extensionsShape =
  /^(?:;[!#$%&'*+\-.^_`|~\dA-Za-z]{1,256}(?:=(?:[!#$%&'*+\-.^_`|~\dA-Za-z]{1,256}|"(?:[\t\x20!\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff]){0,1024}"))?){1,64}$/

function hexDigitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
