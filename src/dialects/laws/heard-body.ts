import { GatewayError } from '../../canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import { Losses, type Loss } from '../../canonical/loss.ts'
import type { ChatTranslation, WriteSettings } from '../translation.ts'
import { patternOf, placesIn, spell, without, type Path, type Place } from './json-places.ts'
import type { Side } from './law.ts'
import { answerSettings } from './retell.ts'

/** What was read of a body: tells it to another dialect. */
export type Heard = (to: ChatTranslation, losses: Losses, settings: WriteSettings) => JsonObject

/** A body in another dialect, with what was lost on the way. */
export interface Translated {
  readonly body: JsonObject
  readonly losses: readonly Loss[]
}

export interface SpelledPlace extends Place {
  readonly spelled: string
  readonly pattern: string
}

/**
 * One body as its dialect hears it, whole and without each of its places. Each is read once, however many dialects it is told to:
 * reading is most of what the laws of losses take.
 */
export class HeardBody {
  readonly #body: JsonObject
  readonly #isFreeForm: (path: Path) => boolean
  readonly #hear: (body: JsonObject) => Heard
  readonly #heard = new Map<string, Heard | undefined>()
  #places: readonly SpelledPlace[] | undefined

  constructor(body: JsonObject, isFreeForm: (path: Path) => boolean, hear: (body: JsonObject) => Heard) {
    this.#body = body
    this.#isFreeForm = isFreeForm
    this.#hear = hear
  }

  get places(): readonly SpelledPlace[] {
    this.#places ??= [...placesIn(this.#body, this.#isFreeForm)].map((place) => ({
      ...place,
      spelled: spell(place.path),
      pattern: patternOf(place.path),
    }))
    return this.#places
  }

  /** @returns `undefined` where what is left is refused by name, or is no body. */
  without(...paths: readonly Path[]): Heard | undefined {
    const key = paths.map(spell).join(' ')
    if (this.#heard.has(key)) return this.#heard.get(key)
    const rest = paths.reduce<Json>(without, this.#body)
    const heard = isJsonObject(rest) ? unlessRefused(() => this.#hear(rest)) : undefined
    this.#heard.set(key, heard)
    return heard
  }
}

export function hearing(from: ChatTranslation, side: Side): (body: JsonObject) => Heard {
  if (side === 'answer')
    return (body) => {
      const answer = from.readAnswer(body)
      return (to, losses) => to.writeAnswer(answer, losses, answerSettings())
    }
  return (body) => {
    const call = from.readChat(body)
    return (to, losses, settings) => to.writeChat(call, losses, settings)
  }
}

/** @returns `undefined` where the other dialect cannot say it, which it says by name. */
export function told(heard: Heard, to: ChatTranslation, settings: WriteSettings): Translated | undefined {
  const losses = new Losses()
  return unlessRefused(() => ({ body: heard(to, losses, settings), losses: losses.list() }))
}

export function unlessRefused<Result>(run: () => Result): Result | undefined {
  try {
    return run()
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.kind !== 'internal') return undefined
    throw thrown
  }
}
