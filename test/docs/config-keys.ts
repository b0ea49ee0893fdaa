import { z } from 'zod'
import { pageAt, plain } from './read-pages.ts'
import { wordOfRows } from './provider-kinds.ts'

interface ToldKey {
  readonly standard: string
  readonly kinds: string | undefined
}

/** Every row of the tables below a heading that names a place in the config; names of one's own become `<>`. */
export function configTables(): ReadonlyMap<string, ToldKey> {
  const told = new Map<string, ToldKey>()
  let place = ''
  for (const line of pageAt('docs/configuration.md').text.split('\n')) {
    if (line.startsWith('#')) place = /^### `([^`]+)`$/.exec(line)?.[1] ?? ''
    const [key, ...cells] = line.startsWith('| `')
      ? line
          .slice(1, -1)
          .split('|')
          .map((cell) => cell.trim())
      : []
    if (place === '' || key === undefined) continue
    const [kinds, standard = ''] = cells.length === 3 ? cells : [undefined, cells[0]]
    const path = place === plain(key) ? place : `${place}.${plain(key)}`
    told.set(path.replaceAll(/<\w+>/g, '<>').replaceAll('[]', ''), { standard, kinds })
  }
  return told
}

interface KnownKey {
  readonly isRequired: boolean
  readonly standard: string | undefined
  /** The kinds of provider that have it. */
  readonly kinds: ReadonlySet<string>
}

type SchemaNode = Readonly<Record<string, unknown>>

/** The leaves of a JSON schema. Lists leave no mark; where variants differ, a key is required when it is in all that have it. */
export function keysOf(schema: SchemaNode): ReadonlyMap<string, KnownKey> {
  const found = new Map<string, KnownKey>()
  walk(schema, '', false, undefined)
  return found

  function walk(node: SchemaNode, path: string, isRequired: boolean, kind: string | undefined): void {
    const variants = [...nodes(node['oneOf']), ...nodes(node['anyOf'])]
    for (const variant of variants) walk(variant, path, isRequired, kind ?? kindOf(variant))
    const [items] = nodes([node['items']])
    if (items) return walk(items, path, isRequired, kind)
    const [named] = nodes([node['additionalProperties']])
    if (named) return walk(named, `${path}.<>`, false, kind)
    const required: readonly unknown[] = Array.isArray(node['required']) ? node['required'] : []
    for (const [key, inner] of Object.entries(nodeOf(node['properties']))) {
      walk(nodeOf(inner), path === '' ? key : `${path}.${key}`, required.includes(key), kind)
    }
    if (variants.length > 0 || node['properties'] !== undefined) return
    const before = found.get(path)
    found.set(path, {
      isRequired: isRequired && (before?.isRequired ?? true),
      standard: before?.standard ?? standardOf(node),
      kinds: new Set([...(before?.kinds ?? []), ...(kind === undefined ? [] : [kind])]),
    })
  }
}

/** Limits, budgets, guardrails and networks look the same wherever they stand, and later prices as the first: the page tells where, and once how. */
export function withRepeatsOnce(known: ReadonlyMap<string, KnownKey>): ReadonlyMap<string, KnownKey> {
  const folded = new Map<string, KnownKey>()
  for (const [path, key] of known) {
    const [row, ofLater] = path.split('.later.')
    if (ofLater !== undefined) {
      folded.set(`${row}.later`, { ...key, isRequired: false, standard: undefined })
      continue
    }
    const [, ofGuard] = /(?:^|\.)(guardrails\.<>\.ask\.network)\./.exec(path) ?? []
    if (ofGuard !== undefined) {
      folded.set(ofGuard, { ...key, isRequired: false, standard: undefined })
      continue
    }
    const [, where, kind, inside] = /^(.*)\.(limits|budgets|guardrails)\.<>\.(.*)$/.exec(path) ?? []
    if (inside === undefined) folded.set(path, key)
    else {
      folded.set(`${where}.${kind}`, { ...key, isRequired: false, standard: undefined })
      folded.set(`${kind}.<>.${inside}`, key)
    }
  }
  return folded
}

function standardOf(node: SchemaNode): string | undefined {
  if (node['default'] !== undefined) return String(node['default'])
  const inWords = /Default ([\d,]+|true|false)\.$/.exec(String(node['description'] ?? ''))?.[1]
  return inWords === undefined ? undefined : plain(inWords)
}

function kindOf(variant: SchemaNode): string | undefined {
  const { const: kind, enum: kinds } = nodeOf(nodeOf(variant['properties'])['kind'])
  if (Array.isArray(kinds)) return wordOfRows(kinds)
  return typeof kind === 'string' ? kind : undefined
}

function nodeOf(value: unknown): SchemaNode {
  const parsed = z.record(z.string(), z.unknown()).safeParse(value)
  return parsed.success ? parsed.data : {}
}

function nodes(value: unknown): readonly SchemaNode[] {
  return Array.isArray(value) ? value.map(nodeOf).filter((node) => Object.keys(node).length > 0) : []
}
