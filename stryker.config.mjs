/**
 * `npm run mutation`: would the tests of `src/ledger` notice a fault in it? Not in CI. At least 85 of 100 mutants must be found.
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  packageManager: 'npm',
  plugins: ['@stryker-mutator/vitest-runner'],
  testRunner: 'vitest',
  vitest: { configFile: 'test/proof/vitest.mutation.ts' },
  mutate: ['src/ledger/*.ts', '!src/ledger/*.test.ts'],
  coverageAnalysis: 'perTest',
  // The one exclusion: what is worked out when a file is imported (the tables of the checksum, the names of units). Each such mutant
  // would need every test in a process of its own; the vectors of RFC 3720 in crc32c.test.ts hold those tables.
  ignoreStatic: true,
  // TypeScript 7 has no API with which Stryker could rewrite a tsconfig; the sources run by type stripping, and need none.
  tsconfigFile: 'none.json',
  concurrency: 2,
  timeoutMS: 10_000,
  ignorePatterns: ['dist', 'docs', 'bench', 'examples'],
  reporters: ['clear-text'],
  clearTextReporter: { allowColor: false, logTests: false, skipFull: true },
  thresholds: { high: 95, low: 85, break: 85 },
  tempDirName: '.stryker-tmp',
}
