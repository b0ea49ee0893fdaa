import { expect, it } from 'vitest'
import { forkWorker } from './fork.ts'

it('tells of a process that the system refuses to start as of one that has ended, and throws nothing', async () => {
  // No system takes an argument of this size: E2BIG, which Node throws.
  const worker = forkWorker('none.ts', ['x'.repeat(8 * 1024 * 1024)], [], 'ignore')
  const how = await new Promise<string>((resolve) => worker.onExit(resolve))
  expect(how).toMatch(/^could not be started: spawn E2BIG$/)
  await new Promise<void>((resolve) => worker.send([], resolve))
  worker.kill()
})
