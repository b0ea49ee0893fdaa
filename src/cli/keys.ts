import { Option, type Command } from 'commander'
import { keyBody, keyPage, keyStatuses, madeKeyBody, rotatedKeyBody, type KeyBody } from '../admin/contract/key.ts'
import { parseKey } from '../canonical/key-form.ts'
import type { BudgetsSettings } from '../config/budget-settings.ts'
import type { LimitsSettings } from '../config/limit-settings.ts'
import {
  collected,
  momentArgument,
  moreLine,
  nameArgument,
  pageOptions,
  pageQuery,
  wholeNumber,
  type PageOptions,
} from './arguments.ts'
import { clientCommand, clientOf, show, type ClientOptions, type CommandHouse } from './command-house.ts'
import { CommandFailure } from './failure.ts'
import { hashCommand } from './keys-hash.ts'
import { budgetArgument, budgetOption, budgetOptionHelp } from './budget-argument.ts'
import { limitArgument, limitOption, limitOptionHelp } from './limit-argument.ts'
import { nothing, writeTable, type Column } from './table.ts'

export function keyCommands(program: Command, house: CommandHouse): void {
  const keys = program.command('keys').description('virtual keys: what clients authenticate with')
  createCommand(keys, house)
  listCommand(keys, house)
  revokeCommand(keys, house)
  rotateCommand(keys, house)
  hashCommand(keys, house)
}

interface OwnerOptions {
  readonly organisation?: string
  readonly team?: string
  readonly project?: string
  readonly user?: string
  readonly agent?: string
}

interface ExpiryOptions {
  readonly expiresAt?: string
  readonly expiresInDays?: number
  /** `--no-expiry` makes it false; absent it is true. */
  readonly expiry: boolean
}

function createCommand(keys: Command, house: CommandHouse): void {
  const command = clientCommand(keys, 'create', 'create a key; prints it once, alone on stdout')
    .argument('<name>', 'for people to tell keys apart', nameArgument)
    .requiredOption('--organisation <name>', 'whom it belongs to', nameArgument)
  ownerOptions(command, ['team', 'project', 'user', 'agent']).option(
    '--model <pattern>',
    'an allowed model, or a pattern with one *; may be repeated (default: as its owners allow)',
    collected,
  )
  command.option('--require <tag>', 'a tag that a target must have; may be repeated', collected)
  command.option(limitOption, limitOptionHelp, limitArgument)
  command.option(budgetOption, budgetOptionHelp, budgetArgument)
  expiryOptions(command, '90 days').action(
    async (
      name: string,
      options: ClientOptions &
        OwnerOptions &
        ExpiryOptions & {
          readonly model?: readonly string[]
          readonly require?: readonly string[]
          readonly limitTo?: LimitsSettings
          readonly budget?: BudgetsSettings
        },
    ) => {
      const { organisation, team, project, user, agent, model: models, require } = options
      const { limitTo: limits, budget: budgets } = options
      const owner = { organisation, team, project, user, agent }
      const body = { name, ...owner, models, require, limits, budgets, ...expiryOf(options) }
      const answer = await clientOf(house, options).change(madeKeyBody, 'POST', '/api/keys', body)
      show(house, options, answer, (made) => `${made.key}\n`)
      house.output.error(
        `key ${answer.body.id} of ${ownerOf(answer.body)}, ${untilWhen(answer.body)}; shown this once: keep it now\n`,
      )
    },
  )
}

function listCommand(keys: Command, house: CommandHouse): void {
  const command = clientCommand(keys, 'list', 'list keys, of the config file and of the admin API')
    .option('--name <name>', 'only of this name')
    .addOption(new Option('--status <status>', 'only in this state').choices(keyStatuses))
  ownerOptions(pageOptions(command), ['organisation', 'team', 'project', 'user', 'agent']).action(
    async (
      options: ClientOptions & OwnerOptions & PageOptions & { readonly name?: string; readonly status?: string },
    ) => {
      const { organisation, team, project, user, agent, name, status } = options
      const query = { organisation, team, project, user, agent, name, status, ...pageQuery(options) }
      const answer = await clientOf(house, options).read(keyPage, '/api/keys', query)
      show(house, options, answer, ({ items, nextAfter }) => writeTable(columns, items) + moreLine(nextAfter))
    },
  )
}

function revokeCommand(keys: Command, house: CommandHouse): void {
  clientCommand(keys, 'revoke', 'revoke a key; when this returns, it is refused')
    .argument('<id>', 'the id of the key, as `weir keys list` shows it, or the key itself', keyIdArgument)
    .action(async (id: string, options: ClientOptions) => {
      const answer = await clientOf(house, options).change(
        keyBody,
        'POST',
        `/api/keys/${encodeURIComponent(id)}/revoke`,
      )
      show(house, options, answer, (key) => `key ${key.id} (${key.name}) is revoked since ${key.revokedAt}\n`)
    })
}

function rotateCommand(keys: Command, house: CommandHouse): void {
  const command = clientCommand(keys, 'rotate', 'replace a key by a new one; prints it once, alone on stdout')
    .argument('<id>', 'the id of the key, as `weir keys list` shows it, or the key itself', keyIdArgument)
    .option('--overlap-seconds <count>', 'how long the old key still works (default: 86400, a day)', wholeNumber)
  expiryOptions(command, 'the lifetime of the old key').action(
    async (id: string, options: ClientOptions & ExpiryOptions & { readonly overlapSeconds?: number }) => {
      const { overlapSeconds } = options
      const path = `/api/keys/${encodeURIComponent(id)}/rotate`
      const body = { overlapSeconds, ...expiryOf(options) }
      const answer = await clientOf(house, options).change(rotatedKeyBody, 'POST', path, body)
      show(house, options, answer, (made) => `${made.key}\n`)
      const { replaces, ...made } = answer.body
      house.output.error(
        `key ${made.id} of ${ownerOf(made)}, ${untilWhen(made)}; shown this once: keep it now\n` +
          `key ${replaces.id} ends on ${replaces.expiresAt}\n`,
      )
    },
  )
}

function ownerOptions(command: Command, levels: readonly (keyof OwnerOptions)[]): Command {
  for (const level of levels) command.option(`--${level} <name>`, `of this ${level}`, nameArgument)
  return command
}

function expiryOptions(command: Command, unsaid: string): Command {
  return command
    .option('--expires-in-days <count>', `days until it ends (default: ${unsaid})`, wholeNumber)
    .option('--expires-at <moment>', 'when it ends: 2027-01-01 or 2027-01-01T09:00:00Z', momentArgument)
    .option('--no-expiry', 'a key that never ends')
}

function expiryOf({ expiry, expiresAt, expiresInDays }: ExpiryOptions) {
  if ([expiresAt !== undefined, expiresInDays !== undefined, !expiry].filter(Boolean).length > 1)
    throw new CommandFailure('give one of --expires-in-days, --expires-at and --no-expiry', 2)
  return expiry ? { expiresAt, expiresInDays } : { expiresAt: null }
}

type Owned = Pick<KeyBody, 'organisation' | 'team' | 'project' | 'user' | 'agent'>

function ownerOf({ organisation, team, project, user, agent }: Owned): string {
  const path = [organisation, team, project].filter((level) => level !== null).join('/')
  return [path, ...(user === null ? [] : [`user ${user}`]), ...(agent === null ? [] : [`agent ${agent}`])].join(', ')
}

function untilWhen({ expiresAt }: Pick<KeyBody, 'expiresAt'>): string {
  return expiresAt === null ? 'without end' : `until ${expiresAt}`
}

const columns: readonly Column<KeyBody>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'OWNER', cell: ownerOf },
  { title: 'MODELS', cell: ({ models }) => models?.join(' ') ?? nothing },
  { title: 'LAST 4', cell: ({ last4 }) => last4 ?? nothing },
  { title: 'STATUS', cell: ({ status }) => status },
  { title: 'EXPIRES', cell: ({ expiresAt }) => expiresAt ?? 'never' },
  { title: 'MANAGED BY', cell: ({ managedBy }) => managedBy },
]

/** Who found a key somewhere has it, and not its id. The key itself stays here: what is sent is a path, which may be logged. */
function keyIdArgument(text: string): string {
  return parseKey(text)?.id ?? text
}
