import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    alias: [
      { find: /^fast-check$/, replacement: fileURLToPath(new URL('test/seeded-fast-check.ts', import.meta.url)) },
    ],
  },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
    pool: 'forks',
    // By itself it leaves one core idle, of two; and many a test waits for processes of its own.
    maxWorkers: availableParallelism() + 1,
    // No test measures time by it: what hangs is told apart from what is slow on a busy machine.
    testTimeout: 150_000,
    hookTimeout: 150_000,
  },
})
