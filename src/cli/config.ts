import type { Command } from 'commander'
import { configBody, reloadBody, type ConfigBody } from '../admin/contract/config.ts'
import { clientCommand, clientOf, show, type ClientOptions, type CommandHouse } from './command-house.ts'
import { visible, visibleLines } from './visible.ts'

export function configCommands(program: Command, house: CommandHouse): void {
  const config = program.command('config').description('the config that is in force')

  clientCommand(config, 'show', 'which version of the config file is in force, and what to know about it').action(
    async (options: ClientOptions) => {
      show(house, options, await clientOf(house, options).read(configBody, '/api/config'), configText)
    },
  )

  clientCommand(
    config,
    'reload',
    'read the config file anew; a broken one keeps the last good one, and exits 1',
  ).action(async (options: ClientOptions) => {
    const answer = await clientOf(house, options).change(reloadBody, 'POST', '/api/config/reload')
    show(house, options, answer, ({ version, warnings }) => `version ${version} is in force\n${warningLines(warnings)}`)
  })
}

function configText({ version, file, loadedAt, warnings, lastReloadProblem }: ConfigBody): string {
  const problem =
    lastReloadProblem === null
      ? ''
      : `\nthe newest version of the file was not taken:\n${visibleLines(lastReloadProblem)}\n`
  return `${visible(file)}: version ${version}, loaded ${loadedAt}\n${warningLines(warnings)}${problem}`
}

function warningLines(warnings: readonly string[]): string {
  return warnings.map((warning) => `warning  ${visible(warning)}\n`).join('')
}
