import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

export default defineConfig({
  resolve: {
    alias: [
      { find: /^fast-check$/, replacement: fileURLToPath(new URL('test/seeded-fast-check.ts', import.meta.url)) },
    ],
  },
  test: {
    pool: 'forks',
    // By itself it leaves one core idle, of two; and many a test waits for processes of its own.
    maxWorkers: availableParallelism() + 1,
    // No test measures time by it: what hangs is told apart from what is slow on a busy machine.
    testTimeout: 150_000,
    hookTimeout: 150_000,
    sequence: { sequencer: longestFirst() },
    projects: [
      {
        extends: true,
        // Beside the code they test, and keep nothing between them: a process that runs one after the other loads the code once.
        test: { name: 'src', include: ['src/**/*.test.ts'], isolate: false },
      },
      { extends: true, test: { name: 'whole', include: ['test/**/*.test.ts', 'bench/**/*.test.ts'] } },
    ],
  },
})

/** One that takes minutes, begun last, would be waited for alone. */
function longestFirst() {
  const longest = ['test/laws/laws.test.ts', 'test/journeys/workers.test.ts', 'test/journeys/parallel-clients.test.ts']
  return class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      const rank = ({ moduleId }: TestSpecification) => {
        const place = longest.findIndex((path) => moduleId.endsWith(path))
        return place === -1 ? longest.length : place
      }
      // oxlint-disable-next-line unicorn/no-array-sort -- it is the sequencer's
      const sorted = await super.sort(files)
      return sorted.toSorted((one, other) => rank(one) - rank(other))
    }
  }
}
