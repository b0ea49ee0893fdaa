import type { ModelSettings } from './settings.ts'

export interface EntryProblem {
  /** Where in the config, as keys. */
  readonly path: readonly (string | number)[]
  readonly message: string
}

/**
 * What an entry of `models:` asks for that its other settings leave no room for.
 * @param targets those of its settings whose providers are on.
 */
export function withoutEffect(
  name: string,
  settings: ModelSettings,
  targets: readonly { readonly id: string; readonly tags: ReadonlySet<string> }[],
): readonly EntryProblem[] {
  const problems: EntryProblem[] = []
  const report = (path: EntryProblem['path'], message: string) =>
    problems.push({ path: ['models', name, ...path], message })
  const { strategy, sticky, hedge, failover, retry, require = [] } = settings
  const isAlone = settings.targets.length === 1
  if (sticky && strategy === 'priority')
    report(['sticky'], 'has no effect under strategy priority, which always begins with the first target; use weighted')
  else if (sticky && isAlone) report(['sticky'], `has no effect: ${onlyTarget}`)
  if (sticky && sticky.by !== 'session')
    for (const key of ['header', 'metadata'] as const)
      if (sticky[key] !== undefined) report(['sticky', key], 'has an effect with `by: session` only')
  const noSecond = isAlone ? onlyTarget : retry?.maxAttempts === 1 ? onlyAttempt : undefined
  if (noSecond !== undefined) {
    if (hedge) report(['hedge'], `has no effect: ${noSecond}`)
    for (const key of ['onContextLength', 'onContentPolicy'] as const)
      if (failover?.[key] === true) report(['failover', key], `has no effect: ${noSecond}`)
  }
  if (!sticky && !weighing.has(strategy))
    for (const [place, { weight }] of settings.targets.entries())
      if (weight !== undefined)
        report(
          ['targets', place, 'weight'],
          `has no effect under strategy ${strategy}: weights count under weighted, least-busy and sticky`,
        )
  const lacking = targets.flatMap((target) => {
    const missing = require.filter((tag) => !target.tags.has(tag))
    return missing.length === 0 ? [] : [`${target.id} lacks ${missing.join(', ')}`]
  })
  // Whoever is off may have the tags.
  if (lacking.length === settings.targets.length) report(['require'], `leaves no target: ${lacking.join('; ')}`)
  return problems
}

const onlyTarget = 'there is one target'
const onlyAttempt = '`retry.maxAttempts` is 1'
const weighing: ReadonlySet<ModelSettings['strategy']> = new Set(['weighted', 'least-busy'])
