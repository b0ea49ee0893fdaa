import type { ConfigPath } from './config-path.ts'
import { printable } from './secret-like.ts'

/** What is wrong at one place of the config file, in words for the person who wrote it. */
export interface ConfigProblem {
  readonly fileName: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  /** `providers.openai.kind`, `models["openai/*"].targets[0]`; empty for the file as a whole. */
  readonly path: string
  /** What happened and what to do. Never holds a value that could be a secret. */
  readonly message: string
  /** `did you mean "kind"?` */
  readonly hint?: string | undefined
}

export interface Position {
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
}

/** More are counted, not printed: the first hundred are enough to begin with. */
const printedProblemLimit = 100

/** The text that `weir check` prints: one line for each problem, `weir.yaml:12:7  providers.openai.knd  unknown key; did you mean "kind"?`. */
export function describeProblems(problems: readonly ConfigProblem[]): string {
  const lines = problems
    .slice(0, printedProblemLimit)
    .map((problem) =>
      [
        `${problem.fileName}:${problem.line}:${problem.column}`,
        ...(problem.path === '' ? [] : [problem.path]),
        problem.hint === undefined ? problem.message : `${problem.message}; ${problem.hint}`,
      ].join('  '),
    )
  const rest = problems.length - lines.length
  return (rest > 0 ? [...lines, `and ${rest} more`] : lines).join('\n')
}

/** As people write a path: `models.smart.targets[0]`. Steps that look like secrets are not shown. */
export function pathText(path: ConfigPath): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (/^[A-Za-z0-9_$-]+$/.test(String(step))) text += `${text === '' ? '' : '.'}${printable(String(step))}`
    else text += `[${JSON.stringify(printable(String(step)))}]`
  }
  return text
}
