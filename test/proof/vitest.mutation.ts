import { defineConfig } from 'vitest/config'

/** What `npm run mutation` runs against every mutant of `src/ledger`: its own tests, which take seconds. */
export default defineConfig({
  test: { include: ['src/ledger/*.test.ts'], pool: 'threads', testTimeout: 60_000, env: { WEIR_PROOF_RUNS: '60' } },
})
