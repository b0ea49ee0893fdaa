/** Longer names are not compared: names come from clients too, and the work grows with the square of the length. */
const nameLengthLimit = 100
/** Candidates beyond these are not looked at. */
const candidateLimit = 2_000

/**
 * The candidate a person most likely meant, for "did you mean". Case, `_` and `-` are forgiven (`api_key` means `apiKey`);
 * beyond that, one slip in three letters.
 * @returns `undefined` when nothing is near. Among equally near candidates, the first.
 */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  if (name.length > nameLengthLimit) return undefined
  const wanted = plain(name)
  let best: string | undefined
  let bestDistance = Infinity
  for (const candidate of candidates.slice(0, candidateLimit)) {
    if (candidate.length > nameLengthLimit || candidate === name) continue
    const other = plain(candidate)
    const most = Math.floor(Math.max(wanted.length, other.length) / 3)
    if (Math.abs(wanted.length - other.length) > most) continue
    const distance = slipsBetween(wanted, other)
    if (distance <= most && distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '')
}

/** Insertions, deletions, replacements and swaps of neighbours: the optimal string alignment distance. */
function slipsBetween(left: string, right: string): number {
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= right.length; column += 1) {
      const isSame = left[row - 1] === right[column - 1]
      const isSwap = row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      current.push(
        Math.min(
          at(last, column) + 1,
          at(current, column - 1) + 1,
          at(last, column - 1) + (isSame ? 0 : 1),
          isSwap ? at(beforeLast, column - 2) + 1 : Infinity,
        ),
      )
    }
    beforeLast = last
    last = current
  }
  return at(last, right.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity
}
