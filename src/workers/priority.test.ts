import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { getPriority } from 'node:os'
import { expect, it } from 'vitest'
import { mayRaise, openPriorities } from './priority.ts'

it('knows from what the system tells whether a priority can be raised again', () => {
  expect(mayRaise('Name:\tnode\nCapInh:\t0000000000000000\nCapEff:\t000001ffffffffff\n')).toBe(true)
  expect(mayRaise('CapEff:\t0000000000800000\n')).toBe(true)
  // What Docker leaves a container's root by default.
  expect(mayRaise('CapEff:\t00000000a80425fb\n')).toBe(false)
  expect(mayRaise('')).toBe(false)
})

it('lowers a process and raises it again, or leaves it as it is', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1_000)'])
  await once(child, 'spawn')
  const { pid = 0 } = child
  const priorities = openPriorities()
  const own = getPriority()
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
