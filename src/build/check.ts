import { dirname, resolve } from 'node:path'
import { systemClock } from '../canonical/clock.ts'
import { describeProblems } from '../config/problem.ts'
import { sourcesOnDisk } from '../config/sources.ts'
import { compile } from './compile.ts'
import { ConfigRefused, readConfigFile } from './config-file.ts'

/** Checks a config offline, as `weir serve` would read it, without opening a store, a socket or a provider. */
export function checkConfig(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): { readonly isValid: boolean; readonly text: string } {
  try {
    const loaded = readConfigFile(file)
    const compiled = compile(loaded, {
      sources: sourcesOnDisk(env, dirname(resolve(file))),
      directory: { entities: [], keys: [] },
      before: undefined,
      simulatedOrigin: 'http://127.0.0.1:0',
      mustHaveSecrets: false,
      nowMs: systemClock.nowMs(),
    })
    if (!compiled.ok) return { isValid: false, text: `${describeProblems(compiled.problems)}\n` }
    const warnings = compiled.warnings.map((warning) => `warning  ${warning}\n`).join('')
    return { isValid: true, text: `${warnings}${file}: valid (version ${loaded.version})\n` }
  } catch (thrown) {
    if (!(thrown instanceof ConfigRefused)) throw thrown
    return { isValid: false, text: `${thrown.message}\n` }
  }
}
