/** A price that differs from the one it replaces by more than this is likely per token, or per thousand (failures.md S10). */
const jumpFactor = 10n

/** Whether one amount is more than ten times the other. From nothing to something is, too. */
export function isJump(one: bigint, other: bigint): boolean {
  return one > other * jumpFactor || other > one * jumpFactor
}

/** More are counted, not told. */
const toldJumpLimit = 50

/** @param more counts those that are left out. */
export function toldJumps(jumps: readonly string[], more: (count: number) => string): readonly string[] {
  const rest = jumps.length - toldJumpLimit
  return rest > 0 ? [...jumps.slice(0, toldJumpLimit), more(rest)] : jumps
}
