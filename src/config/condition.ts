import { Environment, type ASTNode } from '@marcbachmann/cel-js'

/**
 * What a condition may ask about. Everything is there on every call, so that a condition never fails for want of a level:
 * a level that the caller has not is the empty text.
 */
export interface ConditionFacts {
  readonly principal: Readonly<Record<'organisation' | 'team' | 'project' | 'user' | 'agent' | 'key', string>>
  /** From `x-weir-metadata`. Asking for a name that the caller did not send fails: write `has(metadata.tier)` before. */
  readonly metadata: Readonly<Record<string, string>>
  readonly call: {
    readonly operation: string
    readonly model: string
    readonly stream: boolean
    readonly inputBytes: bigint
    /** 0 when the caller set none. */
    readonly outputCap: bigint
    readonly choices: bigint
    readonly needs: readonly string[]
    readonly endUser: string
  }
  /** UTC. `weekday` is 1 for Monday to 7 for Sunday. */
  readonly time: { readonly hour: bigint; readonly weekday: bigint; readonly now: Date }
}

/** A condition fails when it divides by zero, or asks for metadata that is not there. What follows is for the asker to declare. */
export type ConditionVerdict =
  | { readonly kind: 'met' }
  | { readonly kind: 'unmet' }
  | { readonly kind: 'failed'; readonly why: string }

/** A CEL expression over the facts of a call, checked when it was read. */
export interface Condition {
  readonly source: string
  /** Never throws. */
  judge(facts: ConditionFacts): ConditionVerdict
}

export type ReadCondition =
  | { readonly ok: true; readonly condition: Condition }
  /** In words for the person who wrote it, with the character (from 1) at which it goes wrong. */
  | { readonly ok: false; readonly problem: string }

/** Reads conditions; to be opened once for a config. Bounds of what an expression may be are the library's own parser limits, below. */
export function openConditions(): (source: string) => ReadCondition {
  const environment = environmentOfFacts()
  return (source) => {
    if (source.length > longestSource) return refused(`it is longer than ${longestSource} characters`, undefined)
    try {
      const evaluate = environment.parse(source)
      const { valid, type, error } = evaluate.check()
      if (!valid) return refused(summaryOf(error), error?.range?.start)
      if (type !== 'bool') return refused(`it gives ${type ?? 'something else'}, not true or false`, undefined)
      const pattern = patternIn(evaluate.ast)
      if (pattern)
        return refused('matches() is not available here: use ==, in, startsWith, endsWith or contains', pattern.start)
      return { ok: true, condition: { source, judge: (facts) => verdictOf(evaluate, facts) } }
    } catch (thrown) {
      return refused(summaryOf(thrown), rangeStartOf(thrown))
    }
  }
}

const longestSource = 4_096
const bounds = { maxAstNodes: 500, maxDepth: 32, maxListElements: 200, maxMapEntries: 50, maxCallArguments: 8 }

function environmentOfFacts(): Environment {
  return new Environment({ unlistedVariablesAreDyn: false, limits: bounds })
    .registerVariable('principal', {
      schema: {
        organisation: 'string',
        team: 'string',
        project: 'string',
        user: 'string',
        agent: 'string',
        key: 'string',
      },
    })
    .registerVariable('metadata', 'map<string, string>')
    .registerVariable('call', {
      schema: {
        operation: 'string',
        model: 'string',
        stream: 'bool',
        inputBytes: 'int',
        outputCap: 'int',
        choices: 'int',
        needs: 'list<string>',
        endUser: 'string',
      },
    })
    .registerVariable('time', { schema: { hour: 'int', weekday: 'int', now: 'google.protobuf.Timestamp' } })
}

function verdictOf(evaluate: (facts: Record<string, unknown>) => unknown, facts: ConditionFacts): ConditionVerdict {
  try {
    return evaluate({ ...facts }) === true ? { kind: 'met' } : { kind: 'unmet' }
  } catch (thrown) {
    return { kind: 'failed', why: summaryOf(thrown) }
  }
}

/** A regular expression of JavaScript can take minutes over a text that a client chose. */
function patternIn(node: ASTNode): ASTNode | undefined {
  if (node.op === 'rcall' && node.args[0] === 'matches') return node
  return nodesIn(node.args)
    .map(patternIn)
    .find((found) => found !== undefined)
}

function nodesIn(args: unknown): readonly ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(nodesIn)
  return isNode(args) ? [args] : []
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value
}

function refused(problem: string, start: number | undefined): ReadCondition {
  const where = start === undefined ? '' : ` (at character ${start + 1})`
  return { ok: false, problem: `the condition cannot be used: ${problem}${where}` }
}

/** The library's messages draw the expression and a caret over several lines; the summary is their first words. */
function summaryOf(thrown: unknown): string {
  if (thrown instanceof Error && 'summary' in thrown && typeof thrown.summary === 'string') return thrown.summary
  return thrown instanceof Error ? (thrown.message.split('\n')[0] ?? thrown.name) : String(thrown)
}

function rangeStartOf(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('range' in thrown)) return undefined
  const { range } = thrown
  return typeof range === 'object' && range !== null && 'start' in range && typeof range.start === 'number'
    ? range.start
    : undefined
}
