import { Command } from 'commander'
import { expect } from 'vitest'
import { clientCommands, runProgram } from '../src/cli/program.ts'

/** The gateway that a command asks. */
export interface Asked {
  readonly adminOrigin: string
  readonly adminKey: string
}

/** Runs a command of `weir` as a client of a running gateway. `out` is all that it printed. */
export async function runCommand(
  { adminOrigin, adminKey }: Asked,
  args: readonly string[],
): Promise<{ readonly code: number; readonly out: string }> {
  let out = ''
  const program = new Command('weir')
  const output = { write: (text: string) => void (out += text), error: (text: string) => void (out += text) }
  clientCommands(program, output, {
    env: { WEIR_ADMIN_URL: adminOrigin, WEIR_ADMIN_KEY: adminKey },
    readInput: () => Promise.resolve(''),
  })
  return { code: await runProgram(program, args, output), out }
}

/** The same of one that must end well. @returns what it printed. */
export async function printed(asked: Asked, args: readonly string[]): Promise<string> {
  const { code, out } = await runCommand(asked, args)
  expect([code, out]).toEqual([0, expect.any(String)])
  return out
}
