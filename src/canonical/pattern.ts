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
