import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    pool: 'forks',
    // By itself it leaves one core idle, of two.
    maxWorkers: availableParallelism(),
    // No test measures time by it: what hangs is told apart from what is slow on a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      // Beside the code: these share the modules that they read, which is most of what they would wait for.
      { extends: true, test: { name: 'units', include: ['src/**/*.test.ts', 'bench/**/*.test.ts'], isolate: false } },
      { extends: true, test: { name: 'whole', include: ['test/**/*.test.ts'] } },
    ],
  },
})
