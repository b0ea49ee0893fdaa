import type { HeardFrame } from '../../../canonical/event.ts'
import type { Json } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { rewrite } from '../../../canonical/origin.ts'
import { isEventName, writeSse } from '../../../wire/sse-write.ts'

export interface UntouchedFrame {
  readonly event: string | undefined
  readonly data: Json
  /** As it came. */
  readonly text: string
}

/**
 * The frames that a stream begins with and that go out as they came. From the first that must be written anew on, all others follow
 * from it.
 */
export class UntouchedFrames {
  readonly #dialectName: string
  readonly #losses: Losses
  /** Of what goes out as it came nothing is lost. */
  readonly #noLosses = new Losses()
  readonly #endsThem: (frame: HeardFrame) => boolean
  #isUnbroken = true

  /** @param endsThem whether a frame that must be written anew says something that the next ones follow from. */
  constructor(dialectName: string, losses: Losses, endsThem: (frame: HeardFrame) => boolean = isSpoken) {
    this.#dialectName = dialectName
    this.#losses = losses
    this.#endsThem = endsThem
  }

  /** Whether all that was said until now went out as it came. */
  get isUnbroken(): boolean {
    return this.#isUnbroken
  }

  /** @returns `undefined` for a frame that must be written anew. */
  next(frame: HeardFrame): UntouchedFrame | undefined {
    const untouched = this.#isUnbroken ? untouchedFrame(frame, this.#dialectName) : undefined
    if (untouched === undefined && this.#endsThem(frame)) this.#isUnbroken = false
    return untouched
  }

  /** Where what is lost of a frame is told. */
  lossesOf(untouched: UntouchedFrame | undefined): Losses {
    return untouched ? this.#noLosses : this.#losses
  }

  end(): void {
    this.#isUnbroken = false
  }
}

function isSpoken({ events }: HeardFrame): boolean {
  return events.some(({ kind }) => kind !== 'ping')
}

/** A frame of this dialect that nobody touched; `undefined` for any other, which must be written anew. */
function untouchedFrame(frame: HeardFrame, dialectName: string): UntouchedFrame | undefined {
  const wire = rewrite<HeardFrame>(
    frame,
    dialectName,
    () => null,
    () => null,
  )
  if (!isJsonObject(wire)) return undefined
  const { event, data = null, isText } = wire
  const name = typeof event === 'string' && isEventName(event) ? event : undefined
  const text = isText === true && typeof data === 'string' ? data : JSON.stringify(data)
  return { event: name, data, text: writeSse(name, text) }
}
