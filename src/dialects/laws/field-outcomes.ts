import { GatewayError } from '../../canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import { Losses, type Loss } from '../../canonical/loss.ts'
import { holds, patternOf, placesIn, spell, without, type Path } from './json-places.ts'
import type { DocumentedDefault, Material, NeedlessPlace } from './material.ts'

/** What becomes of one place of a body on its way to another dialect. */
export interface FieldOutcome {
  readonly path: Path
  readonly pattern: string
  /**
   * - `carried`: without the field the translated body is another one.
   * - `approximated`, `lost`: the losses name it, or what holds it.
   * - `default`: nothing tells it, and its value is what the provider takes for granted.
   * - `silent`: nothing tells it.
   */
  readonly outcome: 'carried' | 'approximated' | 'lost' | 'default' | 'silent'
  /** The loss's own words, or the reason of the default. */
  readonly why: string
}

/** A body in another dialect, with what was lost on the way. */
export interface Translated {
  readonly body: JsonObject
  readonly losses: readonly Loss[]
}

export type Translate = (body: JsonObject, losses: Losses) => JsonObject

/** @returns what became of each place; `undefined` when the whole body is refused by name. */
export function fieldOutcomes(
  body: JsonObject,
  isFreeForm: (path: Path) => boolean,
  translate: Translate,
  { defaults, repeated }: Pick<Material, 'defaults' | 'repeated'>,
  needless: readonly NeedlessPlace[] = [],
): readonly FieldOutcome[] | undefined {
  const whole = translated(body, translate)
  if (whole === undefined) return undefined
  const wholeText = textOf(whole)
  return [...placesIn(body, isFreeForm)].map((place) => {
    const spelled = spell(place.path)
    const pattern = patternOf(place.path)
    const loss = whole.losses.find(({ path }) => holds(path, spelled))
    if (loss) return { path: place.path, pattern, outcome: loss.kind, why: loss.why }
    if (isMissed(body, place.path, wholeText, translate))
      return { path: place.path, pattern, outcome: 'carried', why: '' }
    const beside = repeated.find((one) => one.pattern === pattern)?.beside
    if (beside && isMissedAlone(body, place.path, beside, translate))
      return { path: place.path, pattern, outcome: 'carried', why: `it is told again in ${beside.join(', ')}` }
    const reason = reasonOfDefault(place.path, place.value, defaults, needless)
    return { path: place.path, pattern, outcome: reason === undefined ? 'silent' : 'default', why: reason ?? '' }
  })
}

/** Whether the translated body, or the list of losses, is another one without this place. What cannot be left out is missed. */
function isMissed(body: JsonObject, path: Path, wholeText: string, translate: Translate): boolean {
  const rest = without(body, path)
  const changed = isJsonObject(rest) ? translated(rest, translate) : undefined
  return changed === undefined || textOf(changed) !== wholeText
}

/** Whether a place is missed once the places beside it, which say the same, are gone. */
function isMissedAlone(body: JsonObject, path: Path, beside: readonly string[], translate: Translate): boolean {
  const alone = beside.reduce<Json>((rest, key) => without(rest, besidePath(path, key)), body)
  const whole = isJsonObject(alone) ? translated(alone, translate) : undefined
  return isJsonObject(alone) && whole !== undefined && isMissed(alone, path, textOf(whole), translate)
}

export function translated(body: JsonObject, translate: Translate): Translated | undefined {
  const losses = new Losses()
  try {
    return { body: translate(body, losses), losses: losses.list() }
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.kind !== 'internal') return undefined
    throw thrown
  }
}

/** `../x` lies beside the object (or the list) that holds the place. */
function besidePath(path: Path, key: string): Path {
  const steps = key.split('/')
  const up = steps.filter((step) => step === '..').length
  return [...path.slice(0, -1 - up), ...steps.slice(up)]
}

/** An object or a list says nothing when all that it holds says nothing. */
function reasonOfDefault(
  path: Path,
  value: Json,
  defaults: readonly DocumentedDefault[],
  needless: readonly NeedlessPlace[],
): string | undefined {
  // Both descriptions give every optional field the type "or null".
  if (value === null) return '`null` is the same as leaving it out'
  const pattern = patternOf(path)
  const known = needless.find((one) => holds(one.pattern, pattern))
  if (known) return known.reason
  const row = defaults.find((one) => one.pattern === pattern && isDefault(path, value, one.values))
  if (row) return row.reason
  if (Array.isArray(value) && value.length === 0) return 'an empty list says nothing'
  if (typeof value !== 'object' || Object.keys(value).length === 0) return undefined
  const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  const reasons = inner.map(([key, member]) => reasonOfDefault([...path, key], member, defaults, needless))
  return reasons.every((reason) => reason !== undefined) ? [...new Set(reasons)].join('; ') : undefined
}

function isDefault(path: Path, value: Json, values: DocumentedDefault['values']): boolean {
  if (values === 'place') return value === path.findLast((step) => typeof step === 'number')
  const text = JSON.stringify(value)
  return values.some((known) => JSON.stringify(known) === text)
}

function textOf({ body, losses }: Translated): string {
  return JSON.stringify([body, losses])
}
