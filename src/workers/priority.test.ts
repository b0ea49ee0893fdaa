import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { getPriority } from 'node:os'
import { expect, it } from 'vitest'
import { openPriorities } from './priority.ts'

it('lowers a process and raises it again, or leaves it as it is', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1_000)'])
  await once(child, 'spawn')
  const { pid = 0 } = child
  const own = getPriority()
  const priorities = openPriorities()
  expect(getPriority()).toBe(own)
  priorities.lower(pid)
  expect([own, Math.min(19, own + 10)]).toContain(getPriority(pid))
  priorities.restore(pid)
  expect(getPriority(pid)).toBe(own)
  child.kill('SIGKILL')
  await once(child, 'exit')
  // Whatever it is asked of a process that has ended, nothing is thrown.
  priorities.lower(pid)
  priorities.restore(pid)
})

it('never lowers this process in the place of one that could not be started', () => {
  const own = getPriority()
  openPriorities().lower(0)
  expect(getPriority()).toBe(own)
})
