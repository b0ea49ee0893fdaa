import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Two benches at once would measure one another. Held until the process ends.
 * @returns the process that holds it already, if one does.
 */
export function holdMachine(path: string = join(tmpdir(), 'weir-bench.pid')): number | undefined {
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' })
      process.once('exit', () => rmSync(path, { force: true }))
      return undefined
    } catch (thrown) {
      if (!isCode(thrown, 'EEXIST')) throw thrown
    }
    const holder = Number(readFileSync(path, 'utf8'))
    if (isAlive(holder)) return holder
    rmSync(path, { force: true })
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid < 1) return false
  try {
    return process.kill(pid, 0)
  } catch (thrown) {
    return !isCode(thrown, 'ESRCH')
  }
}

function isCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === code
}
