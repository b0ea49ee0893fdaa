import type { CacheMark } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear, originOf } from '../../../canonical/origin.ts'
import { dialectName } from './own.ts'

/** An element of a list, with the cache point behind it. */
export interface Marked {
  readonly wire: Json
  readonly path: string
  /** `{cachePoint: {type, ttl}}`, the element that follows; `undefined`: another one does. */
  readonly point: JsonObject | undefined
}

/**
 * In this dialect the mark of a prompt cache is an element of its own, and marks what stands before it.
 * @param takesMark whether an element can bear one. Others have it stand alone behind them.
 */
export function withMarks(list: readonly Json[], path: string, takesMark: (wire: Json) => boolean): readonly Marked[] {
  const found: Marked[] = []
  for (const [index, wire] of list.entries()) {
    const last = found.at(-1)
    const isMark = last !== undefined && last.point === undefined && isPoint(wire) && takesMark(last.wire)
    if (isMark) found[found.length - 1] = { ...last, point: wire }
    else found.push({ wire, path: `${path}[${index}]`, point: undefined })
  }
  return found
}

function isPoint(wire: Json): wire is JsonObject {
  const point = isJsonObject(wire) ? wire['cachePoint'] : undefined
  return isJsonObject(point) && point['type'] === 'default' && lifetimes.has(point['ttl'])
}

const lifetimes: ReadonlySet<Json | undefined> = new Set([undefined, null, '5m', '1h'])

export function markOf(point: JsonObject | undefined): CacheMark | undefined {
  const said = point?.['cachePoint']
  if (!isJsonObject(said)) return undefined
  const { ttl } = said
  return { ttl: ttl === '5m' || ttl === '1h' ? ttl : undefined }
}

/** A node that was heard without its mark, with it: its wire value is the two elements. */
export function withPoint<T extends object>(node: T, { wire, point }: Marked): T {
  const origin = originOf(node)
  if (point === undefined || origin === undefined) return node
  const said = point['cachePoint']
  const unheard = [
    ...Object.keys(point).filter((key) => key !== 'cachePoint'),
    ...(isJsonObject(said) ? Object.keys(said) : [])
      .filter((key) => key !== 'type' && key !== 'ttl')
      .map((key) => `cachePoint.${key}`),
  ]
  return hear(node, {
    dialect: dialectName,
    wire: [wire, point],
    path: origin.path,
    heard: { ...origin.heard, cache: '+1.cachePoint' },
    unheard: [...origin.unheard, ...unheard.map((key) => `+1.${key}`)],
  })
}

/** The element that says the mark; none where there is none. */
export function pointWords(cache: CacheMark | undefined): readonly JsonObject[] {
  if (cache === undefined) return []
  return [{ cachePoint: { type: 'default', ...(cache.ttl !== undefined && { ttl: cache.ttl }) } }]
}
