import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** The programs of `native/`, built: light enough not to be what is measured. */
export interface Tools {
  /** Starts another program, pinned to cores and in front of all other work. */
  readonly pin: string
  readonly load: string
  readonly provider: string
}

export const coresOf = { gateway: '0', others: '1', both: '0-1' } as const
export type Cores = (typeof coresOf)[keyof typeof coresOf]

/**
 * Builds the tools into a folder.
 * @returns why there are none, where the machine has no C compiler.
 */
export function buildTools(dir: string): Tools | { readonly missing: string } {
  const sources = join(import.meta.dirname, 'native')
  const tools: Tools = { pin: join(dir, 'pin'), load: join(dir, 'load'), provider: join(dir, 'provider') }
  for (const [name, program] of Object.entries(tools)) {
    const built = spawnSync('cc', ['-O2', '-o', program, join(sources, `${name}.c`)], { encoding: 'utf8' })
    if (built.error)
      return { missing: 'there is no C compiler (cc): install one, such as `apt-get install gcc libc6-dev`' }
    if (built.status !== 0) return { missing: `cc cannot build bench/native/${name}.c:\n${built.stderr}` }
  }
  return tools
}
