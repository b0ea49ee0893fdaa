import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { holdMachine } from './alone.ts'

it('one bench at a time has the machine; what a dead one left behind holds up nobody', () => {
  const dir = mkdtempSync(join(tmpdir(), 'weir-alone-'))
  const path = join(dir, 'bench.pid')
  const { pid: dead } = spawnSync(process.execPath, ['-e', ''])
  writeFileSync(path, String(dead))
  expect(holdMachine(path)).toBeUndefined()
  expect(holdMachine(path)).toBe(process.pid)
  rmSync(dir, { recursive: true })
})
