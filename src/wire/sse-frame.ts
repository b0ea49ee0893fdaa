/**
 * One frame of an event stream, read only when it is asked: most frames are just forwarded. A comment or a lone `retry:`
 * is a frame too, without data.
 */
export class SseFrame {
  readonly #source: Buffer
  readonly #start: number
  readonly #end: number
  readonly #textStart: number
  readonly #hasCr: boolean
  #bytes: Buffer | undefined
  #event = ''
  #data: Buffer | undefined
  #isRead = false

  /**
   * Made by the scanner only.
   * @param source holds the frame from `start` to `end`, and perhaps other frames around it.
   * @param textOffset length of the byte order mark that the frame begins with, or 0.
   * @param hasCr whether any line of the frame ends with CR or CRLF.
   */
  constructor(source: Buffer, start: number, end: number, textOffset: number, hasCr: boolean) {
    this.#source = source
    this.#start = start
    this.#end = end
    this.#textStart = start + textOffset
    this.#hasCr = hasCr
  }

  /** The frame exactly as it came, with its blank line. */
  get bytes(): Buffer {
    return (this.#bytes ??= this.#source.subarray(this.#start, this.#end))
  }

  /** Length of `bytes`, without making the view. */
  get sizeBytes(): number {
    return this.#end - this.#start
  }

  /** The event's name; empty when it has none. */
  get event(): string {
    if (!this.#isRead) this.#read()
    return this.#event
  }

  /** The event's data, several data lines joined by LF. Empty when it has none. */
  get data(): Buffer {
    if (!this.#isRead) this.#read()
    return this.#data ?? noBytes
  }

  /** Whether there is a data line at all: without one a frame is no event, whatever else it holds. */
  get hasData(): boolean {
    if (!this.#isRead) this.#read()
    return this.#data !== undefined
  }

  #read(): void {
    this.#isRead = true
    // Without CR every line ends with LF, and no search leaves the frame. With CR one might search in vain for LF, so it
    // must not look at the frames behind.
    const isBounded = this.#hasCr
    const source = isBounded ? this.bytes : this.#source
    const frameEnd = isBounded ? this.sizeBytes : this.#end
    let eventStart = 0
    let eventEnd = 0
    let joined: Buffer | undefined
    let joinedBytes = 0
    let position = isBounded ? this.#textStart - this.#start : this.#textStart
    let lf = source.indexOf(lineFeed, position)
    let cr = isBounded ? source.indexOf(carriageReturn, position) : -1
    while (position < frameEnd) {
      if (source[position] === lineFeed || source[position] === carriageReturn) {
        position++
        continue
      }
      // A search is made anew only when its find is passed, so that reading is linear in the frame's size.
      if (lf !== -1 && lf < position) lf = source.indexOf(lineFeed, position)
      if (cr !== -1 && cr < position) cr = source.indexOf(carriageReturn, position)
      const lineEnd = cr === -1 || (lf !== -1 && lf < cr) ? lf : cr
      const afterName = position + (isDataField(source, position) ? 4 : isEventField(source, position) ? 5 : frameEnd)
      if (afterName <= lineEnd && (afterName === lineEnd || source[afterName] === colon)) {
        let valueStart = afterName < lineEnd ? afterName + 1 : lineEnd
        if (source[valueStart] === space) valueStart++
        if (source[position] === letterE) {
          eventStart = valueStart
          eventEnd = lineEnd
        } else if (this.#data === undefined) {
          this.#data = source.subarray(valueStart, lineEnd)
        } else {
          if (joined === undefined) {
            joined = Buffer.allocUnsafe(this.sizeBytes)
            joinedBytes = this.#data.copy(joined)
          }
          joined[joinedBytes++] = lineFeed
          joinedBytes += source.copy(joined, joinedBytes, valueStart, lineEnd)
        }
      }
      position = lineEnd + 1
    }
    if (joined !== undefined) this.#data = joined.subarray(0, joinedBytes)
    if (eventEnd > eventStart) this.#event = source.toString('utf8', eventStart, eventEnd)
  }
}

const lineFeed = 0x0a
const carriageReturn = 0x0d
const space = 0x20
const colon = 0x3a
const letterE = 0x65
const noBytes = Buffer.alloc(0)

// Comparing bytes by hand: `compare` and `toString` cost a call out of JavaScript for every line.
function isDataField(source: Buffer, at: number): boolean {
  return source[at] === 0x64 && source[at + 1] === 0x61 && source[at + 2] === 0x74 && source[at + 3] === 0x61
}

function isEventField(source: Buffer, at: number): boolean {
  return (
    source[at] === letterE &&
    source[at + 1] === 0x76 &&
    source[at + 2] === 0x65 &&
    source[at + 3] === 0x6e &&
    source[at + 4] === 0x74
  )
}
