import { describeAccountKey, type AccountKey } from '../canonical/account-key.ts'
import { longestClientText } from '../canonical/account-value.ts'
import type { BudgetRule } from '../canonical/budget.ts'
import { ownerName } from '../config/name.ts'
import { printable } from '../config/secret-like.ts'
import { budgetIdOf } from './budget-body.ts'
import { findEntity } from './owners.ts'
import type { AdminParts } from './ports.ts'
import { AdminProblem } from './problem.ts'

/**
 * A misspelt account would be given money that nobody can spend.
 * @throws AdminProblem for a value that no call under this budget can have.
 */
export function checkAccountValue(
  parts: Pick<AdminParts, 'identities'>,
  rule: BudgetRule,
  value: string | undefined,
): void {
  const objection = value === undefined ? undefined : objectionTo(value, rule, parts)
  if (objection !== undefined) throw new AdminProblem('invalid_request', `value: ${objection}`)
}

function objectionTo(value: string, rule: BudgetRule, parts: Pick<AdminParts, 'identities'>): string | undefined {
  const { by } = rule
  if (by === undefined) return `budget "${budgetIdOf(rule)}" has one account only: leave it out`
  const { kind } = by
  switch (kind) {
    case 'key':
      if (parts.identities().keys.some(({ id }) => id === value)) return undefined
      return `there is no key with the id "${printable(value)}": \`weir keys list\` shows the ids`
    case 'model':
      return tooLong('a model', value)
    case 'organisation':
      return missing(`organisation ${value}`, parts)
  }
  const what = `${kind === 'agent' || kind === 'endUser' ? 'an' : 'a'} ${describeAccountKey(by)}`
  const [, ofLevel] = /^(?:organisation|team|project|user|agent) ([^/]+)/.exec(rule.level) ?? []
  const [, organisation, name] = /^([^/]+)\/(.+)$/s.exec(value) ?? []
  const isComplete = name !== undefined && (kind !== 'project' || name.includes('/'))
  if (!isComplete || organisation === undefined || organisation !== (ofLevel ?? organisation)) {
    const { owner, example } = told[kind] ?? { owner: 'organisation', example: 'ada' }
    return `${what} is told with its ${owner}, such as "${ofLevel ?? 'acme'}/${example}"`
  }
  switch (kind) {
    case 'team':
    case 'project':
      return missing(`${kind} ${value}`, parts)
    case 'user':
    case 'agent':
      // They need no entry: on a key they are labels.
      if (ownerName.safeParse(name).success) return missing(`organisation ${organisation}`, parts)
      return `"${printable(name)}" is no name that ${what} can have`
    default:
      return tooLong(what, name) ?? missing(`organisation ${organisation}`, parts)
  }
}

const told: Readonly<Partial<Record<AccountKey['kind'], { readonly owner: string; readonly example: string }>>> = {
  team: { owner: 'organisation', example: 'search' },
  project: { owner: 'organisation and team', example: 'search/crawler' },
}

function missing(id: string, parts: Pick<AdminParts, 'identities'>): string | undefined {
  return findEntity(parts, id) ? undefined : `there is no ${printable(id)}`
}

function tooLong(what: string, said: string): string | undefined {
  if (said.length <= longestClientText) return undefined
  return `${what} has at most ${longestClientText} characters, and this has ${said.length}`
}
