import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type { ConfigPath } from './config-path.ts'
import { pathText, type ConfigProblem, type Position } from './problem.ts'
import { judge, type SchemaProblem } from './schema-problems.ts'
import { readYamlTree, type TextProblem, type YamlTree } from './yaml-tree.ts'

/** A config of a thousand teams is 200 KB. What is larger is the wrong file (failures.md S10). */
export const configSizeLimitBytes = 1024 * 1024

const versionLength = 12

/** A config that was read, or all of its problems. Positions count lines and columns from 1. */
export type LoadedConfig<T> =
  | {
      readonly ok: true
      readonly value: T
      readonly text: string
      /** Names the text: the first 12 hex digits of its SHA-256. */
      readonly version: string
      /** Where the value at this path is written; `undefined` when the text does not name it (a default). */
      positionOf(path: ConfigPath): Position | undefined
      /** A problem that only shows later (an unknown provider in a target), placed at this path or its nearest parent. */
      problemAt(path: ConfigPath, message: string, hint?: string): ConfigProblem
    }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/**
 * Reads a config: YAML, then the schema. All problems are told at once, in the order of the file.
 * @param fileName for the problems only; nothing is opened.
 * @param schema strict at every level: unknown keys are what makes typos visible (failures.md A5).
 */
export function loadConfig<T>(text: string, fileName: string, schema: z.ZodType<T>): LoadedConfig<T> {
  const sizeBytes = Buffer.byteLength(text)
  if (sizeBytes > configSizeLimitBytes) {
    const message = `the file has ${sizeBytes} bytes, and at most ${configSizeLimitBytes} are read; is it the right file?`
    return { ok: false, problems: [{ fileName, line: 1, column: 1, path: '', message }] }
  }
  const tree = readYamlTree(text)
  const textProblems = tree.problems.map((problem) => toldTextProblem(problem, fileName))
  if (!tree.isWhole) return { ok: false, problems: inOrder(textProblems) }
  if (tree.value === null && textProblems.length === 0) {
    const message = 'the file holds no settings'
    return { ok: false, problems: [{ fileName, line: 1, column: 1, path: '', message }] }
  }

  const verdict = judge(tree.value, schema)
  const schemaProblems = verdict.ok ? [] : verdict.problems.map((problem) => toldSchemaProblem(problem, fileName, tree))
  if (!verdict.ok || textProblems.length > 0)
    return { ok: false, problems: inOrder([...textProblems, ...schemaProblems]) }
  return {
    ok: true,
    value: verdict.value,
    text,
    version: createHash('sha256').update(text).digest('hex').slice(0, versionLength),
    positionOf: (path) => tree.valuePosition(path),
    problemAt: (path, message, hint) => ({
      fileName,
      ...nearestPosition(path, (place) => tree.valuePosition(place)),
      path: pathText(path),
      message,
      hint,
    }),
  }
}

function toldTextProblem({ path, message, line, column }: TextProblem, fileName: string): ConfigProblem {
  return { fileName, line, column, path: pathText(path), message }
}

function toldSchemaProblem(
  { path, at, message, hint }: SchemaProblem,
  fileName: string,
  tree: YamlTree,
): ConfigProblem {
  const position =
    at === 'value'
      ? nearestPosition(path, (place) => tree.valuePosition(place))
      : nearestPosition(at === 'key' ? path : path.slice(0, -1), (place) => tree.keyPosition(place))
  return { fileName, ...position, path: pathText(path), message, hint }
}

/** What is not written has no place of its own: the nearest parent that is written stands for it. */
function nearestPosition(path: ConfigPath, find: (path: ConfigPath) => Position | undefined): Position {
  for (let length = path.length; length >= 0; length -= 1) {
    const position = find(path.slice(0, length))
    if (position !== undefined) return position
  }
  return { line: 1, column: 1 }
}

function inOrder(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  return problems.toSorted((left, right) => left.line - right.line || left.column - right.column)
}
