import { z } from 'zod'
import { nearest } from './nearest.ts'
import type { ConfigPath } from './config-path.ts'
import { wordsFor, foundName, typeNameOf, unknownForm } from './schema-words.ts'
import { printable, shownValue } from './secret-like.ts'

/** One complaint of a schema, not yet placed in the text. */
export interface SchemaProblem {
  readonly path: ConfigPath
  /** What of the path the person should look at: the value, the key itself, or the parent in which it is missing. */
  readonly at: 'value' | 'key' | 'parent'
  readonly message: string
  readonly hint: string | undefined
}

export type SchemaVerdict<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly SchemaProblem[] }

/** Known keys beyond these are not listed: nobody reads on. */
const listedNameLimit = 20

/** Judges a value by a schema and tells everything that is wrong with it. */
export function judge<T>(value: unknown, schema: z.ZodType<T>): SchemaVerdict<T> {
  // An issue does not say which keys would have been right; only while it is made can its schema be asked.
  const knownKeys = new WeakMap<object, readonly string[]>()
  const verdict = schema.safeParse(value, {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys') knownKeys.set(issue.keys, keysOf(issue.inst))
      return wordsFor(issue)
    },
  })
  if (verdict.success) return { ok: true, value: verdict.data }
  const problems = verdict.error.issues.flatMap((issue) => problemsOf(issue, [], value, knownKeys))
  return { ok: false, problems: withoutMisspelt(problems) }
}

type KnownKeys = WeakMap<object, readonly string[]>

function problemsOf(
  issue: z.core.$ZodIssue,
  prefix: ConfigPath,
  root: unknown,
  knownKeys: KnownKeys,
): readonly SchemaProblem[] {
  const path = [...prefix, ...issue.path]
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys.get(issue.keys) ?? []
      return issue.keys.map((key) => ({
        path: [...path, key],
        at: 'key',
        message: 'unknown key',
        hint: nameHint(key, known),
      }))
    }
    case 'invalid_key': {
      const reasons = issue.issues.map((reason) =>
        reason.code === 'invalid_value' ? `must be one of ${listed(reason.values)}` : reason.message,
      )
      return [{ path, at: 'key', message: `this name cannot be used: ${reasons.join('; ')}`, hint: undefined }]
    }
    case 'invalid_value':
      return [choiceProblem(path, root, issue.values)]
    case 'invalid_union':
      if ('options' in issue && issue.options !== undefined) return [choiceProblem(path, root, issue.options)]
      // A sentence of the union's own says more than what each alternative lacks.
      if (issue.message !== unknownForm) return [plainProblem(path, root, issue.message)]
      return unionProblems(issue, path, root, knownKeys)
    case 'invalid_element':
      return issue.issues.flatMap((inner) => problemsOf(inner, path, root, knownKeys))
    default:
      return [plainProblem(path, root, issue.message)]
  }
}

function plainProblem(path: ConfigPath, root: unknown, message: string): SchemaProblem {
  if (valueAt(root, path) !== undefined) return { path, at: 'value', message, hint: undefined }
  return {
    path,
    at: 'parent',
    message: message.startsWith('missing') ? message : `missing; ${message}`,
    hint: undefined,
  }
}

function choiceProblem(path: ConfigPath, root: unknown, choices: readonly unknown[]): SchemaProblem {
  const given = valueAt(root, path)
  const names = listed(choices)
  const wanted = choices.length === 1 ? names : `one of ${names}`
  if (given === undefined) return { path, at: 'parent', message: `missing; give ${wanted}`, hint: undefined }
  if (typeof given === 'object' || typeof given === 'undefined')
    return { path, at: 'value', message: `expected ${wanted}, found ${foundName(given)}`, hint: undefined }
  const candidates = choices.filter((choice) => typeof choice === 'string')
  const near = typeof given === 'string' ? nearest(given, candidates) : undefined
  const hint = near === undefined ? undefined : `did you mean "${near}"?`
  return { path, at: 'value', message: `${shownValue(given, path)} is not ${wanted}`, hint }
}

/** Of the alternatives, the one that was meant: it accepts this kind of value, and has the fewest complaints. */
function unionProblems(
  issue: z.core.$ZodIssueInvalidUnion,
  path: ConfigPath,
  root: unknown,
  knownKeys: KnownKeys,
): readonly SchemaProblem[] {
  const meant = issue.errors
    .filter((alternative) => !alternative.some(isOfOtherKind))
    .toSorted((left, right) => left.length - right.length)[0]
  if (meant) return meant.flatMap((inner) => problemsOf(inner, path, root, knownKeys))
  const wanted = issue.errors.flat().flatMap((inner) => {
    if (inner.code === 'invalid_type') return [typeNameOf(inner.expected)]
    return inner.code === 'invalid_value' ? [listed(inner.values)] : []
  })
  if (wanted.length === 0) return [plainProblem(path, root, issue.message)]
  const alternatives = [...new Set(wanted)].join(' or ')
  const given = valueAt(root, path)
  if (given === undefined) return [plainProblem(path, root, `missing; give ${alternatives}`)]
  return [plainProblem(path, root, `expected ${alternatives}, found ${foundName(given)}`)]
}

function isOfOtherKind(issue: z.core.$ZodIssue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
}

/** A misspelt key is one mistake: that the right one is missing need not be said too. */
function withoutMisspelt(problems: readonly SchemaProblem[]): readonly SchemaProblem[] {
  const meant = new Set(
    problems
      .filter((problem) => problem.at === 'key' && problem.hint !== undefined)
      .map((problem) => JSON.stringify([problem.path.slice(0, -1), problem.hint])),
  )
  return problems.filter(
    ({ at, path }) =>
      at !== 'parent' || !meant.has(JSON.stringify([path.slice(0, -1), `did you mean "${String(path.at(-1))}"?`])),
  )
}

function nameHint(name: string, known: readonly string[]): string | undefined {
  const near = nearest(name, known)
  if (near !== undefined) return `did you mean "${near}"?`
  return known.length === 0 ? undefined : `known here: ${listed(known)}`
}

function listed(names: readonly unknown[]): string {
  const shown = names.slice(0, listedNameLimit).map((name) => printable(String(name)))
  return names.length > shown.length ? `${shown.join(', ')}, ...` : shown.join(', ')
}

function keysOf(schema: unknown): readonly string[] {
  if (schema instanceof z.core.$ZodObject) return Object.keys(schema._zod.def.shape)
  if (schema instanceof z.core.$ZodRecord) return [...(schema._zod.def.keyType._zod.values ?? [])].map(String)
  return []
}

function valueAt(root: unknown, path: ConfigPath): unknown {
  let value = root
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = Reflect.get(value, step)
  }
  return value
}
