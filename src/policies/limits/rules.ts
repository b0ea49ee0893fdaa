import { readAccountKey } from '../../canonical/account-key.ts'
import { limitUnits, type LimitRule } from '../../canonical/limit.ts'
import type { LimitSettings, LimitsSettings } from '../../config/limit-settings.ts'

export const noRules: readonly LimitRule[] = Object.freeze([])

/**
 * Compiles the limits of one level.
 * @param id of the level, unique over all: what the counts are kept under.
 * @param level as people know it, for messages: `team acme/search`.
 */
export function rulesOf(limits: LimitsSettings | undefined, id: string, level: string): readonly LimitRule[] {
  const named = Object.entries(limits ?? {})
  return named.length === 0 ? noRules : named.map(([name, settings]) => ruleOf(name, settings, id, level))
}

function ruleOf(name: string, settings: LimitSettings, id: string, level: string): LimitRule {
  const unit = limitUnits.find((one) => settings[one] !== undefined)
  if (unit === undefined) throw new Error(`the limit ${name} of ${level} counts nothing`)
  const { per, by, missing = 'share', models, queue } = settings
  const window = per === undefined ? '' : `/${per}`
  return {
    id: `${id}/${name} ${unit}${window}${by === undefined ? '' : ` by ${by}`}`,
    name,
    level,
    unit,
    per,
    most: settings[unit] ?? 0,
    by: by === undefined ? undefined : readAccountKey(by),
    missing,
    models,
    queue,
  }
}
