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
  const longest = [
    'laws/laws',
    'journeys/workers',
    'journeys/parallel-clients',
    'journeys/drain',
    'journeys/sdk-ai',
    'journeys/sdk-langchain',
    'journeys/sdk-responses',
    'journeys/readers',
    'laws/mutations',
    'embedded/embedded-laws',
  ]
  const rankOf = ({ moduleId }: TestSpecification) => {
    const place = longest.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`))
    return place === -1 ? longest.length : place
  }
  return class extends BaseSequencer {
    override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      return Promise.resolve(files.toSorted((one, other) => rankOf(one) - rankOf(other)))
    }
  }
}
