import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** So that a test can tell what is still held. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new Error('V8 shows no gc()')
  collect()
}
