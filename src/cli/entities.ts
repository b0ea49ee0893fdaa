import type { Command } from 'commander'
import { entityBody, entityPage, type EntityBody } from '../admin/contract/entity.ts'
import type { BudgetsSettings } from '../config/budget-settings.ts'
import type { LimitsSettings } from '../config/limit-settings.ts'
import { collected, moreLine, nameArgument, pageOptions, pageQuery, type PageOptions } from './arguments.ts'
import { budgetArgument, budgetOption, budgetOptionHelp, budgetsText } from './budget-argument.ts'
import { clientCommand, clientOf, show, type ClientOptions, type CommandHouse } from './command-house.ts'
import { CommandFailure } from './failure.ts'
import { limitArgument, limitOption, limitOptionHelp, limitsText } from './limit-argument.ts'
import { nothing, writeTable, type Column } from './table.ts'

/** One set of commands for each kind of entity; they differ in what stands above them. */
const kinds = [
  { kind: 'organisation', plural: 'organisations', command: 'orgs', above: [] },
  { kind: 'team', plural: 'teams', command: 'teams', above: ['organisation'] },
  { kind: 'project', plural: 'projects', command: 'projects', above: ['organisation', 'team'] },
  { kind: 'user', plural: 'users', command: 'users', above: ['organisation'] },
  { kind: 'agent', plural: 'agents', command: 'agents', above: ['organisation'] },
] as const satisfies readonly {
  readonly kind: EntityBody['kind']
  readonly plural: string
  readonly command: string
  readonly above: readonly Level[]
}[]

type Level = 'organisation' | 'team'
type Kind = (typeof kinds)[number]

interface PlaceOptions extends ClientOptions {
  readonly organisation?: string
  readonly team?: string
}

interface TagOptions {
  readonly require?: readonly string[]
  readonly none?: true
}

interface LimitOptions {
  readonly limitTo?: LimitsSettings
  readonly none?: true
}

interface BudgetOptions {
  readonly budget?: BudgetsSettings
  readonly none?: true
}

interface ZoneOptions {
  readonly timezone?: string
  readonly none?: true
}

interface ModelOptions {
  readonly model?: readonly string[]
  readonly inherit?: true
}

export function entityCommands(program: Command, house: CommandHouse): void {
  for (const kind of kinds) {
    const group = program
      .command(kind.command)
      .description(`${kind.plural}: list, create, set their models, tags, limits and budgets, remove`)
    if (kind.command !== kind.plural) group.alias(kind.plural)
    listCommand(group, kind, house)
    createCommand(group, kind, house)
    setModelsCommand(group, kind, house)
    setTagsCommand(group, kind, house)
    setLimitsCommand(group, kind, house)
    setBudgetsCommand(group, kind, house)
    if (kind.kind === 'organisation') setTimezoneCommand(group, kind, house)
    removeCommand(group, kind, house)
  }
}

function listCommand(group: Command, { plural, above }: Kind, house: CommandHouse): void {
  const command = pageOptions(clientCommand(group, 'list', `list ${plural}, of the config file and of the admin API`))
  for (const level of above) command.option(`--${level} <name>`, `only of this ${level}`, nameArgument)
  command.action(async (options: PlaceOptions & PageOptions) => {
    const { organisation, team } = options
    const query = { organisation, team, ...pageQuery(options) }
    const answer = await clientOf(house, options).read(entityPage, `/api/${plural}`, query)
    show(house, options, answer, ({ items, nextAfter }) => writeTable(columns, items) + moreLine(nextAfter))
  })
}

function createCommand(group: Command, { kind, plural, above }: Kind, house: CommandHouse): void {
  named(clientCommand(group, 'create', `create: ${kind}`), above)
    .option(
      '--model <pattern>',
      'an allowed model, or a pattern with one *; may be repeated (default: inherits)',
      collected,
    )
    .option('--require <tag>', 'a tag that a target must have; may be repeated', collected)
    .option(limitOption, limitOptionHelp, limitArgument)
    .option(budgetOption, budgetOptionHelp, budgetArgument)
    .action(async (name: string, options: PlaceOptions & ModelOptions & TagOptions & LimitOptions & BudgetOptions) => {
      const { organisation, team, model: models, require, limitTo: limits, budget: budgets } = options
      const answer = await clientOf(house, options).change(entityBody, 'POST', `/api/${plural}`, {
        name,
        organisation,
        team,
        models,
        require,
        limits,
        budgets,
      })
      show(house, options, answer, ({ id }) => `created ${id}\n`)
    })
}

function setModelsCommand(group: Command, kind: Kind, house: CommandHouse): void {
  named(clientCommand(group, 'set-models', 'replace the allowed models'), kind.above)
    .option('--model <pattern>', 'an allowed model, or a pattern with one *; may be repeated', collected)
    .option('--inherit', 'allow whatever the levels above allow')
    .action(async (name: string, options: PlaceOptions & ModelOptions) => {
      const { model, inherit } = options
      if ((model === undefined) === (inherit === undefined))
        throw new CommandFailure('give --model, once or more, or --inherit', 2)
      const answer = await clientOf(house, options).change(entityBody, 'PATCH', pathOf(kind, name, options), {
        models: model ?? null,
      })
      show(
        house,
        options,
        answer,
        ({ id, models }) => `${id} allows ${models?.join(' ') ?? 'what the levels above allow'}\n`,
      )
    })
}

function setTagsCommand(group: Command, kind: Kind, house: CommandHouse): void {
  named(clientCommand(group, 'set-tags', 'replace the tags that a target must have'), kind.above)
    .option('--require <tag>', 'a tag that a target must have; may be repeated', collected)
    .option('--none', 'no tags of its own')
    .action(async (name: string, options: PlaceOptions & TagOptions) => {
      const { require, none } = options
      if ((require === undefined) === (none === undefined))
        throw new CommandFailure('give --require, once or more, or --none', 2)
      const body = { require: require ?? null }
      const answer = await clientOf(house, options).change(entityBody, 'PATCH', pathOf(kind, name, options), body)
      show(
        house,
        options,
        answer,
        ({ id, require: tags }) => `${id} requires ${tags?.join(' ') ?? 'what the levels above require'}\n`,
      )
    })
}

function setLimitsCommand(group: Command, kind: Kind, house: CommandHouse): void {
  named(clientCommand(group, 'set-limits', 'replace all limits; a name that stays keeps its counts'), kind.above)
    .option(limitOption, limitOptionHelp, limitArgument)
    .option('--none', 'no limits of its own')
    .action(async (name: string, options: PlaceOptions & LimitOptions) => {
      const { limitTo, none } = options
      if ((limitTo === undefined) === (none === undefined))
        throw new CommandFailure('give --limit-to, once or more, or --none', 2)
      const body = { limits: limitTo ?? null }
      const answer = await clientOf(house, options).change(entityBody, 'PATCH', pathOf(kind, name, options), body)
      show(
        house,
        options,
        answer,
        ({ id, limits }) => `${id} is limited to ${limits ? limitsText(limits) : 'what the levels above allow'}\n`,
      )
    })
}

function setBudgetsCommand(group: Command, kind: Kind, house: CommandHouse): void {
  named(clientCommand(group, 'set-budgets', 'replace all budgets; a name that stays keeps its books'), kind.above)
    .option(budgetOption, budgetOptionHelp, budgetArgument)
    .option('--none', 'no budgets of its own')
    .action(async (name: string, options: PlaceOptions & BudgetOptions) => {
      const { budget, none } = options
      if ((budget === undefined) === (none === undefined))
        throw new CommandFailure('give --budget, once or more, or --none', 2)
      const body = { budgets: budget ?? null }
      const answer = await clientOf(house, options).change(entityBody, 'PATCH', pathOf(kind, name, options), body)
      show(
        house,
        options,
        answer,
        ({ id, budgets }) => `${id} may spend ${budgets ? budgetsText(budgets) : 'what the levels above allow'}\n`,
      )
    })
}

function setTimezoneCommand(group: Command, kind: Kind, house: CommandHouse): void {
  named(clientCommand(group, 'set-timezone', 'say where the days of its budgets begin'), kind.above)
    .option('--timezone <zone>', 'an IANA name, such as Europe/Berlin')
    .option('--none', 'UTC')
    .action(async (name: string, options: PlaceOptions & ZoneOptions) => {
      const { timezone, none } = options
      if ((timezone === undefined) === (none === undefined)) throw new CommandFailure('give --timezone, or --none', 2)
      const body = { timezone: timezone ?? null }
      const answer = await clientOf(house, options).change(entityBody, 'PATCH', pathOf(kind, name, options), body)
      show(house, options, answer, (made) => `the days of ${made.id} begin in ${made.timezone ?? 'UTC'}\n`)
    })
}

function removeCommand(group: Command, kind: Kind, house: CommandHouse): void {
  named(clientCommand(group, 'remove', 'remove one that nothing belongs to any more'), kind.above).action(
    async (name: string, options: PlaceOptions) => {
      const answer = await clientOf(house, options).change(entityBody, 'DELETE', pathOf(kind, name, options))
      show(house, options, answer, ({ id }) => `removed ${id}\n`)
    },
  )
}

function named(command: Command, above: readonly Level[]): Command {
  command.argument('<name>', 'its name', nameArgument)
  for (const level of above) command.requiredOption(`--${level} <name>`, `the ${level} it belongs to`, nameArgument)
  return command
}

/** Names are checked when they are read, so none of them needs escaping. */
function pathOf({ plural, above }: Kind, name: string, options: PlaceOptions): string {
  return ['/api', plural, ...above.map((level) => options[level] ?? ''), name].join('/')
}

const columns: readonly Column<EntityBody>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'MODELS', cell: ({ models }) => models?.join(' ') ?? nothing },
  { title: 'MANAGED BY', cell: ({ managedBy }) => managedBy },
  { title: 'CREATED', cell: ({ createdAt }) => createdAt ?? nothing },
]
