import type { StreamFacts } from '../dialects/dialect.ts'
import type { AnswerSource, Parcel } from './stream-source.ts'

/**
 * An answer that is sound: it is heard while it is made, so that its bytes go on as they come. It says nothing of itself, and is whole
 * when its bytes have ended as HTTP frames them.
 */
export class SoundSource implements AnswerSource {
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

  take(chunk: Buffer): Parcel {
    return { pass: [chunk], ending: undefined, hasContent: true, hasProblem: false }
  }

  takeRest(): Parcel {
    this.#hasEnded = true
    return { pass: [], ending: Buffer.alloc(0), hasContent: false, hasProblem: false }
  }
}

/** What a client plays, and no browser runs. */
export function isSound(contentType: string): boolean {
  return /^(?:audio\/[\w.+-]{1,60}|application\/(?:octet-stream|ogg))(?:; ?[\w-]{1,30}=[\w.+-]{1,60}){0,4}$/i.test(
    contentType,
  )
}
