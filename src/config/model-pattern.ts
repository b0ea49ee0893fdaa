import { mayMeet } from '../canonical/pattern.ts'
import type { ConfigPath } from './config-path.ts'
import { nearest } from './nearest.ts'

/** As much of limits or budgets as chooses models. */
type Counted = Readonly<Record<string, { readonly models?: readonly string[] | undefined }>>

/** A name or pattern of a policy, and where it stands in it. */
export interface PlacedPattern {
  readonly path: ConfigPath
  readonly pattern: string
}

/** As much of a policy as counts calls. */
export interface Counting {
  readonly limits?: Counted | null | undefined
  readonly budgets?: Counted | null | undefined
}

/** By which models the limits and budgets of a policy count. */
export function countedPatterns(policy: Counting): readonly PlacedPattern[] {
  return (['limits', 'budgets'] as const).flatMap((kind) =>
    Object.entries(policy[kind] ?? {}).flatMap(([name, { models = [] }]) => placed([kind, name, 'models'], models)),
  )
}

/** Patterns of a list, each with the path at which it stands. */
export function placed(path: ConfigPath, patterns: readonly string[] | null | undefined): readonly PlacedPattern[] {
  return (patterns ?? []).map((pattern, place) => ({ path: [...path, place], pattern }))
}

/**
 * What is wrong with a name or pattern that chooses among the models that clients ask for.
 * @param models names and patterns of the entries of `models`.
 * @returns `undefined` when some model meets it.
 */
export function problemOfModelPattern(pattern: string, models: readonly string[]): string | undefined {
  if (pattern.split('*').length > 2) return `"${pattern}" has more than one *, and would meet no model`
  if (models.some((model) => mayMeet(pattern, model))) return undefined
  const hint = nearest(pattern, models)
  const advice = hint === undefined ? 'write names that clients use, not those of providers' : `did you mean "${hint}"?`
  return `"${pattern}" meets no entry of \`models\`; ${advice}`
}
