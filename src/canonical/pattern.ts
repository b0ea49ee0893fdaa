export interface PatternMatch {
  /** What stood in the place of `*`; empty where the pattern has none. */
  readonly wildcard: string
}

/** Matches a model name against a name with at most one `*`, which stands for one character or more. */
export function matchPattern(pattern: string, name: string): PatternMatch | undefined {
  const star = pattern.indexOf('*')
  if (star < 0) return pattern === name ? { wildcard: '' } : undefined
  const before = pattern.slice(0, star)
  const after = pattern.slice(star + 1)
  if (name.length <= before.length + after.length || !name.startsWith(before) || !name.endsWith(after)) return undefined
  return { wildcard: name.slice(before.length, name.length - after.length) }
}

/** Whether some name matches both. A name is a pattern too, for itself. */
export function mayMeet(one: string, other: string): boolean {
  if (!one.includes('*')) return matchPattern(other, one) !== undefined
  if (!other.includes('*')) return matchPattern(one, other) !== undefined
  const [before = '', after = ''] = one.split('*')
  const [otherBefore = '', otherAfter = ''] = other.split('*')
  return (
    (before.startsWith(otherBefore) || otherBefore.startsWith(before)) &&
    (after.endsWith(otherAfter) || otherAfter.endsWith(after))
  )
}

/**
 * Pairs of patterns that are equally long and may meet: among patterns the longest one wins, and of these neither does. Each pair once, in
 * the order of the names.
 */
export function tiedPatterns(names: readonly string[]): readonly (readonly [string, string])[] {
  const byLength = new Map<number, string[]>()
  const tied: (readonly [string, string])[] = []
  for (const name of names) {
    if (!name.includes('*')) continue
    const earlier = byLength.get(name.length) ?? []
    for (const one of earlier) if (mayMeet(one, name)) tied.push([one, name])
    byLength.set(name.length, [...earlier, name])
  }
  return tied
}

/** The sentence for whoever wrote them. */
export function tieOf(one: string, other: string): string {
  return `the patterns "${one}" and "${other}" are equally long and may meet in one name, which neither wins: make one of them longer or shorter`
}
