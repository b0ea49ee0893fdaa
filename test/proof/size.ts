/**
 * How much of a proof is run: properties draw `small` cases in CI, and `WEIR_PROOF_TIMES` as many in `npm run proof`.
 * `WEIR_PROOF_SEED` plays the cases of one seed again: a property that fails prints the seed it was drawn from.
 */
export function proofSize(small: number): { readonly numRuns: number; readonly seed?: number } {
  const { WEIR_PROOF_TIMES: times = '1', WEIR_PROOF_SEED: seed } = process.env
  return { numRuns: small * Number(times), ...(seed === undefined ? {} : { seed: Number(seed) }) }
}

/** The large sizes take minutes. */
export const proofMs = 3_600_000
