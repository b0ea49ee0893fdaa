import { GatewayError } from '../canonical/error.ts'
import type { StreamFacts } from '../dialects/dialect.ts'
import { mediaTypeOf } from '../wire/media-type.ts'
import type { AnswerSource, StreamPiece } from './stream-source.ts'

/**
 * An answer that is sound: it is heard while it is made, so that its bytes go on as they come. It says nothing of itself, and is whole
 * when its bytes have ended as HTTP frames them.
 */
export class SoundSource implements AnswerSource {
  #hasBegun = false
  #hasEnded = false

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  facts(): StreamFacts {
    return {
      usage: undefined,
      isUsageFinal: false,
      responseModel: undefined,
      providerCostNanos: undefined,
      problem: undefined,
      isComplete: this.#hasEnded,
      textBytes: 0,
      contentFrames: 0,
    }
  }

  take(chunk: Buffer): StreamPiece {
    this.#hasBegun = true
    return { pass: [chunk], ending: undefined, hasContent: true, hasProblem: false }
  }

  takeRest(): StreamPiece {
    if (!this.#hasBegun) throw silence()
    this.#hasEnded = true
    return { pass: [], ending: Buffer.alloc(0), hasContent: false, hasProblem: false }
  }
}

/** Nothing is played where nothing came, whatever was to be said. */
export function silence(): GatewayError {
  return new GatewayError('upstream_invalid', 'the answer is to be sound, and holds no byte of it')
}

/** What a client plays, and no browser runs. Stores of files say `binary/octet-stream` of what has no type of its own. */
export function isSound(contentType: string): boolean {
  const type = mediaTypeOf(contentType)
  return type !== undefined && (type.startsWith('audio/') || soundTypes.has(type))
}

/** What sound is called that came without a name (RFC 9110, 8.3). */
export const unnamedSound = 'application/octet-stream'

const soundTypes: ReadonlySet<string> = new Set([unnamedSound, 'binary/octet-stream', 'application/ogg'])
