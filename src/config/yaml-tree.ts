import { LineCounter, parseDocument, visit, type Document, type YAMLError } from 'yaml'
import type { ConfigPath } from './config-path.ts'
import type { Position } from './problem.ts'
import { plainValueOf } from './yaml-value.ts'
import { yamlWords } from './yaml-words.ts'

/** A YAML text as plain values, which remembers where each of them was written. */
export interface YamlTree {
  /** `undefined` when the text cannot be read at all. A text without any value is `null`. */
  readonly value: unknown
  /** What is wrong with the text, whatever it is meant to say. */
  readonly problems: readonly TextProblem[]
  /** Whether `value` stands for the text well enough to be judged: false after a syntax error or a passed limit. */
  readonly isWhole: boolean
  /** Where the value at this path begins. `undefined`: there is none. */
  valuePosition(path: ConfigPath): Position | undefined
  /** Where the key of this path begins; in a list, where the entry begins. */
  keyPosition(path: ConfigPath): Position | undefined
}

export interface TextProblem extends Position {
  readonly path: ConfigPath
  readonly message: string
}

/** Reads YAML 1.2 with its core schema: no merge keys, no tags of its own, `yes` and `no` are text, every key is text. */
export function readYamlTree(text: string): YamlTree {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    stringKeys: true,
    // Checked in `plainValueOf`: the parser's own check takes a minute for one map of 45,000 keys (yaml 2.9.1).
    uniqueKeys: false,
    // Its pretty errors quote the line at fault.
    prettyErrors: false,
    lineCounter: lines,
    logLevel: 'error',
  })
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const syntaxProblems = syntaxProblemsOf(document).map(({ offset, message }) => ({
    path: [],
    message,
    ...positionAt(offset),
  }))
  if (document.errors.length > 0) return unreadable(syntaxProblems)

  const { value, problems, isWhole, index } = plainValueOf(document.contents)
  return {
    value,
    isWhole,
    problems: [...syntaxProblems, ...problems.map(({ offset, ...problem }) => ({ ...problem, ...positionAt(offset) }))],
    valuePosition: (path) => positionOf(index.find(path)?.valueOffset, positionAt),
    keyPosition: (path) => positionOf(index.find(path)?.keyOffset, positionAt),
  }
}

function positionOf(offset: number | undefined, positionAt: (offset: number) => Position): Position | undefined {
  return offset === undefined ? undefined : positionAt(offset)
}

function unreadable(problems: readonly TextProblem[]): YamlTree {
  return { value: undefined, problems, isWhole: false, valuePosition: nowhere, keyPosition: nowhere }
}

function nowhere(): undefined {
  return undefined
}

interface SyntaxProblem {
  readonly offset: number
  readonly message: string
}

function syntaxProblemsOf(document: Document.Parsed): readonly SyntaxProblem[] {
  // What follows from too deep nesting is noise: hundreds of brackets that nobody closes.
  const tooDeep = document.errors.find((error) => error.code === 'RESOURCE_EXHAUSTION')
  if (tooDeep) return [{ offset: tooDeep.pos[0], message: yamlWords.RESOURCE_EXHAUSTION }]
  const problems = [...document.errors, ...document.warnings].map((error) => syntaxProblemOf(error, document))
  const { explicit, version } = document.directives.yaml
  if (explicit === true && version !== '1.2')
    problems.push({ offset: 0, message: 'the config is read as YAML 1.2; remove the %YAML line' })
  return problems
}

function syntaxProblemOf(error: YAMLError, document: Document.Parsed): SyntaxProblem {
  // The parser tells where it gave up, at worst the end of the file; where the thing was opened helps more.
  const isUnclosed = /^Missing closing|^Flow (map|sequence)/.test(error.message)
  const opening = isUnclosed ? openingBefore(error.pos[0], document) : undefined
  if (opening === undefined) return { offset: error.pos[0], message: yamlWords[error.code] }
  return { offset: opening, message: 'what is opened here is never closed; add the closing quote or bracket' }
}

/** Where the innermost quoted text or flow collection that reaches to this offset begins. */
function openingBefore(offset: number, document: Document.Parsed): number | undefined {
  let opening: number | undefined
  const note = (range: readonly number[] | null | undefined): void => {
    const [start, , end] = range ?? []
    if (start !== undefined && end !== undefined && start < offset && end >= offset) opening = start
  }
  visit(document, {
    Scalar: (_key, node) => {
      if (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') note(node.range)
    },
    Collection: (_key, node) => {
      if (node.flow === true) note(node.range)
    },
  })
  return opening
}
