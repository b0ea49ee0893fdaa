import type { StateReference } from '../canonical/call.ts'
import { GatewayError } from '../canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../canonical/json.ts'
import { initialsOf } from '../wire/json-scan.ts'
import { isJsonArray } from './shared/call-fields.ts'
import { stepsOf } from './shared/form-fields.ts'

type Kind = StateReference['kind']
type Path = readonly (string | number)[]

/** By which members the bodies of a dialect name what its provider keeps. */
export interface KeptNames {
  /** What each of them names: by an id, a list of ids, or an object with an `id`. */
  readonly kinds: ReadonlyMap<string, Kind>
  /** How they begin: with which characters, and as bytes. Most bodies hold none of those, and need no walk. */
  readonly initials: number
  readonly beginnings: readonly Buffer[]
  /** Types of objects that tell what an earlier answer cited or made: nothing is read by what they name. */
  readonly told: ReadonlySet<Json | undefined>
  /** Whether the value at this path is the client's own business, or only told as well. */
  isPassedOver(path: Path): boolean
  /** Under which id something is kept that is named in other words. `undefined`: nobody keeps it. Absent: under those words. */
  readonly idOf?: (said: string, kind: Kind) => string | undefined
}

export function keptNames(
  kinds: Readonly<Record<string, Kind>>,
  { told = [], ...parts }: Pick<KeptNames, 'isPassedOver' | 'idOf'> & { readonly told?: readonly string[] },
): KeptNames {
  const members = Object.keys(kinds)
  const shortest = members.filter((one) => !members.some((other) => other !== one && one.startsWith(other)))
  return {
    kinds: new Map(Object.entries(kinds)),
    initials: initialsOf(members),
    beginnings: shortest.map((one) => Buffer.from(`"${one}`)),
    told: new Set(told),
    ...parts,
  }
}

/** Each is looked up before the call goes on. The longest conversations of agents name some thousands. */
export const mostKept = 10_000

/**
 * Everything in a body that its provider keeps, wherever it stands: a list of places would lend what is another's at each place that
 * it forgets.
 * @returns from the outermost to the innermost, in the order of the text.
 * @throws GatewayError `invalid_request` for more than `mostKept` of them.
 */
export function keptIn(body: JsonObject, names: KeptNames): readonly StateReference[] {
  return new Walk(names).through(body)
}

class Walk {
  readonly #names: KeptNames
  readonly #found: StateReference[] = []
  readonly #holders: (JsonObject | readonly Json[])[] = []
  /** Of each holder: the place of the one that it stands in, and its name or number there. */
  readonly #above: number[] = []
  readonly #steps: (string | number)[] = []

  constructor(names: KeptNames) {
    this.#names = names
  }

  through(body: JsonObject): readonly StateReference[] {
    const { kinds } = this.#names
    this.#enter(body, -1, '')
    for (let at = 0; at < this.#holders.length; at++) {
      const holder = this.#holders[at] ?? []
      if (isJsonArray(holder)) {
        for (let place = 0; place < holder.length; place++) this.#enter(holder[place], at, place)
        continue
      }
      for (const key of Object.keys(holder)) {
        const value = holder[key]
        const kind = kinds.get(key) ?? (key.endsWith(']') ? kinds.get(stepsOf(key).at(-1) ?? '') : undefined)
        if (kind !== undefined) this.#name(value, kind, holder, [...this.#pathOf(at), key])
        this.#enter(value, at, key)
      }
    }
    return this.#found
  }

  #enter(value: Json | undefined, above: number, step: string | number): void {
    if (typeof value !== 'object' || value === null) return
    this.#holders.push(value)
    this.#above.push(above)
    this.#steps.push(step)
  }

  #name(value: Json | undefined, kind: Kind, { type }: JsonObject, path: Path): void {
    const { told, isPassedOver } = this.#names
    if (told.has(type) || isPassedOver(path)) return
    if (isJsonArray(value)) for (const [place, one] of value.entries()) this.#add(one, kind, [...path, place])
    else if (isJsonObject(value)) this.#add(value['id'], kind, path)
    else this.#add(value, kind, path)
  }

  #add(said: Json | undefined, kind: Kind, path: Path): void {
    if (typeof said !== 'string' || said === '') return
    const { idOf } = this.#names
    const id = idOf ? idOf(said, kind) : said
    if (id === undefined) return
    const param = paramOf(path)
    if (this.#found.length >= mostKept)
      throw new GatewayError('invalid_request', `the body names more than ${mostKept} kept objects`, { param })
    this.#found.push({ kind, id, param })
  }

  #pathOf(at: number): Path {
    const path: (string | number)[] = []
    for (let holder = at; holder > 0; holder = this.#above[holder] ?? 0) path.unshift(this.#steps[holder] ?? '')
    return path
  }
}

function paramOf(path: Path): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  )
}
