import type { Json } from '../../canonical/json.ts'
import type { Heard, HeardBody, Translated } from './heard-body.ts'
import { holds, patternOf, type Path } from './json-places.ts'
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

/**
 * @param tell says in the other dialect what was heard.
 * @returns what became of each place; `undefined` when the whole body is refused by name.
 */
export function fieldOutcomes(
  body: HeardBody,
  tell: (heard: Heard) => Translated | undefined,
  { defaults, repeated }: Pick<Material, 'defaults' | 'repeated'>,
  needless: readonly NeedlessPlace[] = [],
): readonly FieldOutcome[] | undefined {
  const toldWithout = (...paths: readonly Path[]) => {
    const heard = body.without(...paths)
    return heard && tell(heard)
  }
  const whole = toldWithout()
  if (whole === undefined) return undefined
  const wholeText = textOf(whole)
  /** Whether the translated body, or the list of losses, is another one without this place. What cannot be left out is missed. */
  const isMissed = (path: Path) => {
    const changed = toldWithout(path)
    return changed === undefined || textOf(changed) !== wholeText
  }
  /** Whether a place is missed once the places beside it, which say the same, are gone. */
  const isMissedAlone = (path: Path, beside: readonly string[]) => {
    const others = beside.map((key) => besidePath(path, key))
    const alone = toldWithout(...others)
    const changed = alone && toldWithout(...others, path)
    return alone !== undefined && (changed === undefined || textOf(changed) !== textOf(alone))
  }
  return body.places.map(({ path, spelled, pattern, value }) => {
    const loss = whole.losses.find((one) => holds(one.path, spelled))
    if (loss) return { path, pattern, outcome: loss.kind, why: loss.why }
    if (isMissed(path)) return { path, pattern, outcome: 'carried', why: '' }
    const beside = repeated.find((one) => one.pattern === pattern)?.beside
    if (beside && isMissedAlone(path, beside))
      return { path, pattern, outcome: 'carried', why: `it is told again in ${beside.join(', ')}` }
    const reason = reasonOfDefault(path, value, defaults, needless)
    return { path, pattern, outcome: reason === undefined ? 'silent' : 'default', why: reason ?? '' }
  })
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
