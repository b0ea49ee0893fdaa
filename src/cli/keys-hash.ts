import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { parseKey } from '../canonical/key-form.ts'
import { SetupProblem } from '../config/setup-problem.ts'
import { readVariable } from '../config/variable.ts'
import { makeKey, openKeyHasher } from '../policies/identity/key.ts'
import { loadPepper } from '../policies/identity/pepper.ts'
import type { CommandHouse } from './command-house.ts'
import { CommandFailure } from './failure.ts'

interface HashOptions {
  readonly new?: true
  readonly dataDir?: string
}

/** Works without a gateway: what it prints goes into the config file, as the `hash` of a key. */
export function hashCommand(keys: Command, house: CommandHouse): void {
  keys
    .command('hash')
    .description('the hash of a key for the config file; reads the key from stdin, so that no shell history holds it')
    .option('--new', 'make a new key, and print it once beside its hash')
    .option('--data-dir <dir>', 'where the gateway keeps its data (default: WEIR_DATA_DIR, else ./weir-data)')
    .action(async (options: HashOptions) => {
      const hashOf = openKeyHasher(pepperOf(options, house))
      if (options.new) {
        const { key } = makeKey(randomBytes)
        house.output.write(`key   ${key}\nhash  hmac:${hashOf(key)}\n`)
        house.output.error('the key is shown this once: keep it now\n')
        return
      }
      const key = (await house.readInput()).trim()
      if (!parseKey(key))
        throw new CommandFailure('what came on stdin is no Weir key: give one, complete, or make one with --new')
      house.output.write(`hmac:${hashOf(key)}\n`)
    })
}

function pepperOf(options: HashOptions, { env, output }: CommandHouse): Buffer {
  const dataDir = resolve(options.dataDir ?? readVariable(env, 'WEIR_DATA_DIR') ?? './weir-data')
  const isNew = env['WEIR_PEPPER'] === undefined && !existsSync(join(dataDir, 'pepper'))
  try {
    const pepper = loadPepper({ env, dataDir })
    // A hash made with another pepper than the gateway's fits no key: whoever is in the wrong folder should see it.
    if (isNew)
      output.error(`there was no pepper in ${dataDir}, so one was made: \`weir serve\` must use this data directory\n`)
    return pepper
  } catch (thrown) {
    if (thrown instanceof SetupProblem) throw new CommandFailure(thrown.message)
    if (thrown instanceof Error && 'code' in thrown)
      throw new CommandFailure(`the data directory ${dataDir} cannot be used (${String(thrown.code)})`)
    throw thrown
  }
}
