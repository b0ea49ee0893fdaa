import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'

/** Rooms without a socket, a process or a clock of their own: their tests share the modules that they read, which is most of what they would wait for. */
const pure = 'src/{accounting,canonical,dialects,ledger,policies,routing,wire}/**/*.test.ts'

export default defineConfig({
  test: {
    pool: 'forks',
    // By itself it leaves one core idle, of two.
    maxWorkers: availableParallelism(),
    // No test measures time by it: what hangs is told apart from what is slow on a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'pure', include: [pure], isolate: false } },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: [...configDefaults.exclude, pure],
        },
      },
    ],
  },
})
