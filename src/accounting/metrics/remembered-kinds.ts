/** Kinds of attempts and of exchanges whose series are kept at hand; past it they are found again. */
const rememberedKinds = 4_096

/**
 * Finds the series of what is counted. Most attempts and exchanges are of a kind that was seen before: its series are kept.
 * @param kindOf tells apart whatever has different labels.
 */
export function remembering<Counted, Series>(
  kindOf: (counted: Counted) => string,
  seriesOf: (counted: Counted) => Series,
): (counted: Counted) => Series {
  const known = new Map<string, Series>()
  return (counted) => {
    const kind = kindOf(counted)
    const kept = known.get(kind)
    if (kept !== undefined) return kept
    const found = seriesOf(counted)
    if (known.size >= rememberedKinds) known.clear()
    known.set(kind, found)
    return found
  }
}
