/** A place in a body: keys, numbers for places in arrays, `*` for any one step. */
export type PathPattern = readonly string[]

/** Whether the path is one of the patterns' places, or lies below one. */
export function isBelow(path: readonly (string | number)[], patterns: readonly PathPattern[]): boolean {
  return patterns.some(
    (pattern) => path.length >= pattern.length && pattern.every((step, index) => step === '*' || step === path[index]),
  )
}
