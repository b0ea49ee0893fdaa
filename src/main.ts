#!/usr/bin/env node
import './engine.ts'
import { Command } from 'commander'
import { existsSync } from 'node:fs'
import { build, type Gateway } from './build.ts'
import { checkConfig } from './build/check.ts'
import { ConfigRefused } from './build/config-file.ts'
import { banner } from './build/banner.ts'
import { outliveLog } from './build/outlive-log.ts'
import { configSettings } from './build/settings.ts'
import { clientCommands, runProgram } from './cli/program.ts'
import { GatewayError } from './canonical/error.ts'
import { SetupProblem } from './config/setup-problem.ts'
import { jsonSchemaOf } from './config/json-schema.ts'
import { readVariable } from './config/variable.ts'
import { version } from './canonical/version.ts'

/** Arguments and signals; everything else is somewhere with a name. */
let serves = false
outliveLog(process, () => serves)

const program = new Command('weir').description('An AI gateway whose books always balance.').version(version)

program
  .command('serve')
  .description('run the gateway')
  .option('-c, --config <file>', 'the config file (default: WEIR_CONFIG, else ./weir.yaml)')
  .action(async (options: { config?: string }) => run(configFileOf(options.config)))

program
  .command('check')
  .description('check a config file without starting anything; exit 2 when it is not valid')
  .argument('[file]', 'the config file (default: WEIR_CONFIG, else ./weir.yaml)')
  .action((file: string | undefined) => {
    const verdict = checkConfig(configFileOf(file), process.env)
    process.stdout.write(verdict.text)
    process.exitCode = verdict.isValid ? 0 : 2
  })

program
  .command('schema')
  .description('print the JSON schema of the config file, for editors')
  .action(() => void process.stdout.write(`${JSON.stringify(jsonSchemaOf(configSettings), null, 2)}\n`))

const output = {
  write: (text: string) => void process.stdout.write(text),
  error: (text: string) => void process.stderr.write(text),
}
clientCommands(program, output)

const exitCode = await runProgram(program, process.argv.slice(2), output)
// `check` has set its own.
if (exitCode !== 0) process.exitCode = exitCode

async function run(configFile: string): Promise<void> {
  serves = true
  let gateway: Gateway
  try {
    // Log lines are for machines and go to stdout; what a person must see once goes to stderr, keys included, so that
    // no log collector ever holds one.
    gateway = await build({ configFile, env: process.env, log: process.stdout })
  } catch (thrown) {
    if (!isForPeople(thrown)) throw thrown
    process.stderr.write(`weir: cannot start\n${thrown.message}\n`)
    process.exitCode = thrown instanceof ConfigRefused ? 2 : 1
    // Whatever was opened before the failure (a store, a worker) must not keep a gateway that never ran alive.
    process.exit()
  }

  let isEnding = false
  const end = (signal: NodeJS.Signals) => {
    if (isEnding) {
      process.stderr.write(`weir: second ${signal}, leaving at once\n`)
      process.exit(1)
    }
    isEnding = true
    process.stderr.write(`weir: ${signal}, draining (again to leave at once)\n`)
    gateway.drain().then(
      () => process.exit(0),
      (thrown: unknown) => {
        process.stderr.write(`weir: the drain failed: ${String(thrown)}\n`)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  process.on('SIGHUP', () => {
    void gateway
      .reload()
      .then(({ isTaken, told }) => process.stderr.write(`weir: config ${isTaken ? 'reloaded' : 'refused'}: ${told}\n`))
  })
  process.on('SIGUSR2', () => {
    void gateway
      .restart()
      .then((count) =>
        process.stderr.write(
          count === 0
            ? 'weir: no worker was replaced: there are none (server.workers is 1), or the log says why\n'
            : `weir: ${count} workers replaced\n`,
        ),
      )
  })
  // Last: whoever reads it may send a signal at once, and a signal that nobody listens for yet would end us without a drain.
  process.stderr.write(banner(gateway))
}

function configFileOf(given: string | undefined): string {
  const named = given ?? readVariable(process.env, 'WEIR_CONFIG')
  const file = named ?? 'weir.yaml'
  if (named === undefined && !existsSync(file)) {
    process.stderr.write(
      'weir: there is no ./weir.yaml; name a config with --config or WEIR_CONFIG (examples/quickstart.yaml is one to begin with)\n',
    )
    process.exit(2)
  }
  return file
}

/** What the person who starts Weir can mend: a config, a port in use, a folder without permission. All else is a bug, with its stack. */
function isForPeople(thrown: unknown): thrown is Error {
  if (!(thrown instanceof Error)) return false
  return (
    thrown instanceof ConfigRefused ||
    thrown instanceof SetupProblem ||
    thrown instanceof GatewayError ||
    'code' in thrown
  )
}
