import { z } from 'zod'
import type { GuardAction, GuardPhase } from '../../../canonical/guardrail.ts'
import { askSettings, toldByKind, type AskSettings } from './guard-kinds.ts'
import { onTimeouts, streamWays, type OnTimeout, type StreamWay } from './asked-guard.ts'

/** What a rule says that asks a guard elsewhere. Nothing here has a default: what is lost by waiting, or by not waiting, is the operator's to weigh. */
export const askedRuleSettings = {
  ask: askSettings.optional(),
  deadlineMs: z
    .int()
    .min(1)
    .max(600_000)
    .describe('Of `ask`, and required there: the longest that one question may take.')
    .optional(),
  onTimeout: z
    .enum(onTimeouts)
    .describe(
      'Of `ask`, and required there: what follows where the guard gives no answer in time, cannot be reached, or answers what is no answer. `block`, or `allow`; the record says so.',
    )
    .optional(),
  stream: z
    .enum(streamWays)
    .describe(
      'Of `ask`, and required where `phases` hold `output`. `buffer`: a stream is held until its end. `window`: it goes on in pieces that were looked at. `after`: it is looked at when it has gone; that can only `flag`.',
    )
    .optional(),
}

interface AskedRule {
  readonly ask?: AskSettings | undefined
  readonly deadlineMs?: number | undefined
  readonly onTimeout?: OnTimeout | undefined
  readonly stream?: StreamWay | undefined
  readonly threshold?: number | undefined
  readonly phases: readonly GuardPhase[]
  readonly action: GuardAction
  readonly find: readonly string[]
  readonly except: readonly string[]
  readonly terms: readonly string[]
  readonly patterns: readonly unknown[]
  readonly languages?: unknown
  readonly urls?: unknown
  readonly largest?: unknown
  readonly fileTypes?: unknown
}

export interface RuleProblem {
  readonly key: string
  readonly message: string
}

/** What of these keys does not fit the rest of its rule. */
export function askedRuleProblems(rule: AskedRule): readonly RuleProblem[] {
  const problems: RuleProblem[] = []
  const { ask, deadlineMs, onTimeout, stream, phases, action } = rule
  const say = (key: string, message: string) => void problems.push({ key, message })
  if (ask === undefined) {
    for (const key of ['deadlineMs', 'onTimeout', 'stream'] as const)
      if (rule[key] !== undefined) say(key, 'belongs to a rule with `ask`')
    return problems
  }
  const found = rule.find.length + rule.except.length + rule.terms.length + rule.patterns.length
  if (found > 0 || (rule.languages ?? rule.urls ?? rule.largest ?? rule.fileTypes) !== undefined)
    say('ask', 'stands alone: a rule has one judge. Put what else it looks for into a rule of its own')
  if (deadlineMs === undefined) say('deadlineMs', 'is required beside `ask`: how long may a question take?')
  if (onTimeout === undefined)
    say('onTimeout', 'is required beside `ask`: `block` or `allow`, where the guard gives no answer')
  const told = toldByKind[ask.kind]
  if (!told.places && (action === 'redact' || action === 'mask'))
    say('action', `cannot be \`${action}\`: \`${ask.kind}\` judges whole texts, and does not say where something is`)
  if (!told.scores && rule.threshold !== undefined) say('threshold', `has no effect: \`${ask.kind}\` tells no scores`)
  const isAzure = ask.kind === 'azure-content-safety' || ask.kind === 'azure-prompt-shields'
  if (isAzure && (ask.key === undefined) === (ask.provider === undefined))
    say('ask', 'needs `key` or `provider`, and not both')
  if (action === 'mark' || action === 'monitor')
    say('action', `cannot be \`${action}\` beside \`ask\`: it is judged here`)
  const looksAtAnswers = phases.includes('output')
  if (looksAtAnswers && (action === 'mask' || action === 'route'))
    say('phases', `must be [input]: \`${action}\` acts on calls, and nobody need be asked about answers for it`)
  if (looksAtAnswers && stream === undefined)
    say('stream', 'is required where `phases` hold `output`: `buffer`, `window` or `after`')
  if (!looksAtAnswers && stream !== undefined) say('stream', 'is of answers, which are not in `phases`')
  if (stream === 'after' && action !== 'flag')
    say('stream', `\`after\` cannot \`${action}\`: what it looks at has gone already. Only \`flag\` can come after`)
  if (stream === 'after' && onTimeout === 'block')
    say('onTimeout', 'must be `allow` beside `stream: after`: what it looks at has gone already')
  return problems
}
