/** A moment as the contract writes it. */
export function writeMoment(atMs: number): string {
  return new Date(atMs).toISOString()
}

export function writeMaybeMoment(atMs: number | undefined): string | null {
  return atMs === undefined ? null : writeMoment(atMs)
}
