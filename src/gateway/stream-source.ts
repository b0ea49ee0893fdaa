import type { StreamFacts, StreamReader } from '../dialects/dialect.ts'
import type { AnswerEar } from './guards/answer-ear.ts'
import type { AnswerTranslator } from './answer-translator.ts'
import type { Frame, FrameScanner } from '../wire/frame.ts'
import { openScanner, reframed, type Framing } from '../wire/framing.ts'

/** What one read from the provider means, ready to forward. */
export interface StreamPiece {
  /** Whole frames to pass on, adjacent ones as one buffer. */
  readonly pass: readonly Buffer[]
  /** The provider's own last frame: passed on only after the record is safe. */
  readonly ending: Buffer | undefined
  /** Whether anything in it is part of the answer. */
  readonly hasContent: boolean
  /** Whether the provider reported an error; `facts().problem` tells it. The frame itself is not passed on. */
  readonly hasProblem: boolean
}

/** Where an answer comes from that is passed on while it comes. */
export interface AnswerSource {
  /** Whether the provider's own last frame has come. */
  readonly hasEnded: boolean
  facts(): StreamFacts
  /** @throws GatewayError `upstream_invalid` when what came is beyond all bounds. */
  take(chunk: Buffer): StreamPiece
  /**
   * The provider's bytes have ended.
   * @throws GatewayError `upstream_cut` or `upstream_invalid` when what came cannot be all.
   */
  takeRest(): StreamPiece
}

/**
 * One provider's stream, cut into frames and listened to. Only whole frames are passed on, so that an error of ours never
 * lands in the middle of a half one.
 */
export class StreamSource implements AnswerSource {
  readonly #scanner: FrameScanner
  readonly #reader: StreamReader
  readonly #translator: AnswerTranslator | undefined
  readonly #ear: Pick<AnswerEar, 'frame'> | undefined
  /** `undefined`: the client's stream is framed as the provider's is. */
  readonly #newFraming: Framing | undefined
  #hasEnded = false
  /** What may be the last frame, until it is known whether another follows. */
  #held: Frame | undefined

  /**
   * @param translator where client and provider speak different dialects; otherwise the provider's own bytes travel.
   * @param provided how the provider frames its stream.
   * @param wanted how the client's is framed.
   * @param ear hears every frame, whatever becomes of it.
   */
  constructor(
    reader: StreamReader,
    translator: AnswerTranslator | undefined,
    provided: Framing,
    wanted: Framing,
    ear?: Pick<AnswerEar, 'frame'>,
  ) {
    this.#scanner = openScanner(provided)
    this.#reader = reader
    this.#translator = translator
    this.#ear = ear
    this.#newFraming = provided === wanted ? undefined : wanted
  }

  /** Whether the provider's own last frame has come. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  facts(): StreamFacts {
    return this.#reader.facts()
  }

  /** @throws GatewayError `upstream_invalid` when a frame is beyond all bounds, or its checksum is wrong. */
  take(chunk: Buffer): StreamPiece {
    return this.#pieceOf(this.#scanner.push(chunk))
  }

  /**
   * The provider's bytes have ended: a last frame may have waited to see whether a line feed follows its carriage return.
   * @throws GatewayError `upstream_cut` where the framing tells that bytes are missing.
   */
  takeRest(): StreamPiece {
    const { frame } = this.#scanner.end()
    const piece = this.#pieceOf(frame ? [frame] : [])
    const held = this.#held
    this.#held = undefined
    if (held) {
      this.#hasEnded = true
      return { ...piece, ending: this.#endingOf(held) }
    }
    // Some providers leave their last frame out. In its own dialect the client gets what came; in another one the ending
    // is ours to write, since the answer is whole.
    if (this.#hasEnded || !this.#translator || !this.#reader.facts().isComplete) return piece
    this.#hasEnded = true
    return { ...piece, ending: this.#translator.ending(this.#reader.facts()) }
  }

  #pieceOf(frames: readonly Frame[]): StreamPiece {
    const pass: Buffer[] = []
    let ending: Buffer | undefined
    let hasContent = false
    for (const frame of frames) {
      // What comes after the ending has no meaning in any dialect.
      if (this.#hasEnded) break
      this.#ear?.frame(frame.event, frame.data)
      if (this.#held) {
        this.#pass(this.#held, pass)
        this.#held = undefined
      }
      switch (this.#reader.read(frame.event, frame.data)) {
        case 'quiet':
          this.#pass(frame, pass)
          break
        case 'content':
          hasContent = true
          this.#pass(frame, pass)
          break
        case 'usage':
          break
        case 'may-end':
          hasContent = true
          this.#held = frame
          break
        case 'end':
          this.#hasEnded = true
          ending = this.#endingOf(frame)
          break
        case 'error':
          return { pass, ending: undefined, hasContent, hasProblem: true }
      }
    }
    return { pass, ending, hasContent, hasProblem: false }
  }

  #pass(frame: Frame, pass: Buffer[]): void {
    const bytes = this.#translator ? this.#translator.frame(frame.event, frame.data) : this.#untranslated(frame)
    if (bytes) join(pass, bytes)
  }

  /** The last frame may say something too (a stop reason, the last usage), so it is translated like any other first. */
  #endingOf(frame: Frame): Buffer {
    if (!this.#translator) return this.#untranslated(frame) ?? Buffer.alloc(0)
    const last = this.#translator.frame(frame.event, frame.data)
    const ending = this.#translator.ending(this.#reader.facts())
    return last ? Buffer.concat([last, ending]) : ending
  }

  #untranslated(frame: Frame): Buffer | undefined {
    return this.#newFraming === undefined ? frame.bytes : reframed(frame, this.#newFraming)
  }
}

/** Frames that lie side by side in one read go out in one write: a write is a system call (performance.md rule 4). */
function join(pass: Buffer[], bytes: Buffer): void {
  const last = pass.at(-1)
  if (last && last.buffer === bytes.buffer && last.byteOffset + last.length === bytes.byteOffset)
    pass[pass.length - 1] = Buffer.from(bytes.buffer, last.byteOffset, last.length + bytes.length)
  else pass.push(bytes)
}
