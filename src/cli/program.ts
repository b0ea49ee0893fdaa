import { CommanderError, type Command } from 'commander'
import { SetupProblem } from '../config/setup-problem.ts'
import { auditCommands } from './audit.ts'
import { budgetCommands } from './budgets.ts'
import type { CommandHouse, CommandOutput } from './command-house.ts'
import { configCommands } from './config.ts'
import { entityCommands } from './entities.ts'
import { exchangeCommand } from './exchange.ts'
import { CommandFailure } from './failure.ts'
import { guardCommands } from './guard.ts'
import { keyCommands } from './keys.ts'
import { ledgerCommands } from './ledger.ts'
import { limitsCommand } from './limits.ts'
import { modelsCommand } from './models.ts'
import { pricesCommands } from './prices.ts'
import { providersCommand } from './providers.ts'
import { readStdin } from './read-stdin.ts'
import { usageCommand } from './usage.ts'
import { workerCommands } from './workers.ts'

export type { CommandOutput } from './command-house.ts'

/**
 * Adds every command that is a client of the admin API, and those that ask nobody. Run the program with `runProgram`: problems are thrown, since a
 * command does not end the process it runs in.
 * @param world what commands see of the process; given by tests.
 */
export function clientCommands(
  program: Command,
  output: CommandOutput,
  world: Omit<CommandHouse, 'output'> = { env: process.env, readInput: () => readStdin(process.stdin) },
): void {
  const house: CommandHouse = { ...world, output }
  keyCommands(program, house)
  usageCommand(program, house)
  exchangeCommand(program, house)
  modelsCommand(program, house)
  providersCommand(program, house)
  pricesCommands(program, house)
  limitsCommand(program, house)
  budgetCommands(program, house)
  ledgerCommands(program, house)
  entityCommands(program, house)
  configCommands(program, house)
  workerCommands(program, house)
  auditCommands(program, house)
  guardCommands(program, output)
}

/**
 * Runs a program and says how it ended: 0 it did what was asked, 1 it failed, 2 it was called in a wrong way.
 * @param args without the program's own name.
 * @throws what no rule foresaw.
 */
export async function runProgram(program: Command, args: readonly string[], output: CommandOutput): Promise<0 | 1 | 2> {
  throwInsteadOfExit(program, output)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return 0
  } catch (thrown) {
    // Commander has printed its own sentence; help and version are no failures.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2
    if (!(thrown instanceof CommandFailure) && !(thrown instanceof SetupProblem)) throw thrown
    output.error(`weir: ${thrown.message}\n`)
    return thrown instanceof CommandFailure ? thrown.exitCode : 2
  }
}

function throwInsteadOfExit(command: Command, output: CommandOutput): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => output.write(text),
    writeErr: (text) => output.error(text),
  })
  for (const inner of command.commands) throwInsteadOfExit(inner, output)
}
