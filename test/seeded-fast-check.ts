import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type FastCheck from 'fast-check'

/*
 * `fast-check` as tests have it (vitest.config.ts): every run of the same commit tries the same values, so that what passed for one person
 * passes for the next. Other values: `WEIR_SEED=7 npm test`; a counterexample becomes a case of its own.
 */

const home = dirname(createRequire(import.meta.url).resolve('fast-check/package.json'))
const { default: fc } = (await import(pathToFileURL(join(home, 'lib/fast-check.js')).href)) as {
  readonly default: typeof FastCheck
}
const seed = Number(process.env['WEIR_SEED'] ?? 1)
if (!Number.isSafeInteger(seed)) throw new TypeError('WEIR_SEED is a whole number')
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed })

export default fc
