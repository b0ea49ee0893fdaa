import { Command } from 'commander'
import { clientCommands } from '../../src/cli/program.ts'

/** The commands of `main.ts`, which cannot be imported since it runs, and those of the admin API's clients. */
export function program(): Command {
  const whole = new Command('weir')
  whole.command('serve').option('-c, --config <file>')
  whole.command('check').argument('[file]')
  whole.command('schema')
  clientCommands(whole, { write: () => {}, error: () => {} })
  return whole
}

export function leaves(command: Command, path: readonly string[] = []): readonly (readonly [string, Command])[] {
  const inner = command.commands.flatMap((one) => leaves(one, [...path, one.name()]))
  return doesSomething(command) ? [[path.join(' '), command], ...inner] : inner
}

/** Without a further word. One that only holds others has no options of its own. */
function doesSomething(command: Command): boolean {
  return command.commands.length === 0 || command.options.length > 0
}

/** But for those that every client of the admin API has. */
export function optionsOf(command: Command): readonly string[] {
  return command.options.map(({ long }) => long ?? '').filter((name) => name !== '--admin' && name !== '--json')
}

export function problemsOfCommand(line: string): readonly string[] {
  const words = line.split(/\s+/).filter((word) => word !== '')
  let command = program()
  for (const word of words) {
    const inner = command.commands.find((one) => one.name() === word || one.aliases().includes(word))
    if (!inner) break
    command = inner
  }
  if (!doesSomething(command)) return line.startsWith('<command>') ? [] : [`weir ${line}: no such command`]
  const known = [...command.options.map(({ long }) => long), '--help']
  return words
    .filter((word) => word.startsWith('--') && !known.includes(word.split('=')[0]))
    .map((word) => `weir ${line}: no option ${word}`)
}
