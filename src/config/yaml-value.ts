import { isAlias, isMap, isScalar, isSeq, type Alias, type Pair, type YAMLMap } from 'yaml'
import type { ConfigPath } from './config-path.ts'
import { unseenName } from './name.ts'
import { yamlWords } from './yaml-words.ts'

/** A config that nests deeper describes nothing we know. */
const depthLimit = 64
/** Counted with aliases written out, so that a few lines of aliases to aliases cannot become gigabytes. */
const valueLimit = 200_000

const mergeKeyWords =
  'merge keys (`<<`) are not read: write the settings out here, or let an alias (`*name`) stand for a whole value'

/** But for tabs and line ends, which a long text may hold. */
const controlCharacter = /(?![\t\n\r])\p{Cc}/u

export interface PlainValue {
  readonly value: unknown
  readonly problems: readonly PlaceProblem[]
  /** False when a limit was passed: `value` then lacks the rest. */
  readonly isWhole: boolean
  readonly index: TreeIndex
}

interface PlaceProblem {
  readonly path: ConfigPath
  readonly offset: number
  readonly message: string
}

/** Finds where things were written. */
export interface TreeIndex {
  find(path: ConfigPath): { readonly keyOffset: number; readonly valueOffset: number } | undefined
}

/**
 * Turns a parsed document into plain values, and finds what the grammar allows but a config must not hold: a key given
 * twice, a number that would be rounded, aliases without end. Linear in the size of what the text describes.
 */
export function plainValueOf(root: unknown): PlainValue {
  const problems: PlaceProblem[] = []
  const targets = new Map<unknown, unknown>()
  const pairs = new Map<YAMLMap, Map<string, Pair>>()
  const anchors = new Map<string, unknown>()
  const open = new Set<unknown>()
  const seen = new Set<unknown>()
  let valuesLeft = valueLimit

  function valueOf(node: unknown, path: ConfigPath, fallbackOffset: number): unknown {
    const offset = offsetOf(node) ?? fallbackOffset
    valuesLeft -= 1
    if (valuesLeft < 0) throw new LimitPassed(path, offset, `the file describes more than ${valueLimit} values`)
    if (path.length > depthLimit)
      throw new LimitPassed(path, offset, `the values are nested more than ${depthLimit} levels deep`)
    if (isAlias(node)) return aliasedValueOf(node, path, offset)
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null
    // An alias leads here again: its anchors and problems are known.
    const isFirst = !seen.has(node)
    seen.add(node)
    if (isFirst && node.anchor !== undefined) anchors.set(node.anchor, node)
    if (isScalar(node)) {
      if (isFirst) checkScalar(node.value, path, offset)
      return node.value
    }
    open.add(node)
    const value = isMap(node)
      ? mapOf(node, path, offset, isFirst)
      : node.items.map((item, place) => valueOf(item, [...path, place], offset))
    open.delete(node)
    return value
  }

  function aliasedValueOf(alias: Alias, path: ConfigPath, offset: number): unknown {
    const target = targets.get(alias) ?? anchors.get(alias.source)
    if (target !== undefined && !open.has(target)) {
      targets.set(alias, target)
      return valueOf(target, path, offset)
    }
    const reason = target === undefined ? 'there is no anchor of this name before it' : 'it would hold itself'
    problems.push({ path, offset, message: `this alias leads nowhere: ${reason}; write the value out` })
    return undefined
  }

  function mapOf(node: YAMLMap, path: ConfigPath, offset: number, isFirst: boolean): unknown {
    const value: Record<string, unknown> = {}
    const known = new Map<string, Pair>()
    pairs.set(node, known)
    for (const pair of node.items) {
      const key = keyTextOf(pair)
      const keyPath = [...path, key]
      const keyOffset = offsetOf(pair.key) ?? offset
      // Read as a key like others it would say nothing, and what it was to bring would be missing without a reason.
      if (key === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN') {
        if (isFirst) problems.push({ path: keyPath, offset: keyOffset, message: mergeKeyWords })
        continue
      }
      if (isFirst) checkScalar(key, keyPath, keyOffset)
      if (known.has(key)) {
        if (isFirst) problems.push({ path: keyPath, offset: keyOffset, message: yamlWords.DUPLICATE_KEY })
      } else if (key === unseenName.key) {
        // Nothing in a config may be lost in silence.
        if (isFirst) problems.push({ path: keyPath, offset: keyOffset, message: unseenName.words })
      } else {
        known.set(key, pair)
        value[key] = valueOf(pair.value, keyPath, keyOffset)
      }
    }
    return value
  }

  function checkScalar(value: unknown, path: ConfigPath, offset: number): void {
    if (typeof value === 'string' && controlCharacter.test(value))
      problems.push({ path, offset, message: 'the text holds a control character; remove it' })
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
      problems.push({
        path,
        offset,
        message: 'the number is too large to be kept exactly; put it in quotes if it is text',
      })
  }

  const index = indexOf(root, targets, pairs)
  try {
    return { value: valueOf(root, [], 0), problems, isWhole: true, index }
  } catch (thrown) {
    if (!(thrown instanceof LimitPassed)) throw thrown
    const { path, offset, message } = thrown
    return { value: undefined, problems: [...problems, { path, offset, message }], isWhole: false, index }
  }
}

/** Reads the two maps when asked, not before: they are filled by the walk. */
function indexOf(
  root: unknown,
  targets: ReadonlyMap<unknown, unknown>,
  pairs: ReadonlyMap<YAMLMap, ReadonlyMap<string, Pair>>,
): TreeIndex {
  return {
    find: (path) => {
      let node = root
      let keyOffset = offsetOf(root) ?? 0
      for (const step of path) {
        const held = targets.get(node) ?? node
        if (isMap(held)) {
          const pair = pairs.get(held)?.get(String(step))
          if (pair === undefined) return undefined
          keyOffset = offsetOf(pair.key) ?? keyOffset
          node = pair.value
        } else if (isSeq(held)) {
          node = held.items[Number(step)]
          if (node === undefined) return undefined
          keyOffset = offsetOf(node) ?? keyOffset
        } else return undefined
      }
      // A key without a value has its value after the colon, where nobody looks.
      const isEmpty = isScalar(node) && node.value === null && node.source === ''
      return { keyOffset, valueOffset: isEmpty ? keyOffset : (offsetOf(node) ?? keyOffset) }
    },
  }
}

/** Ends the walk from any depth. */
class LimitPassed extends Error {
  readonly path: ConfigPath
  readonly offset: number

  constructor(path: ConfigPath, offset: number, message: string) {
    super(message)
    this.path = path
    this.offset = offset
  }
}

function keyTextOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value ?? '') : ''
}

function offsetOf(node: unknown): number | undefined {
  return isAlias(node) || isScalar(node) || isMap(node) || isSeq(node) ? node.range?.[0] : undefined
}
