import { createParser } from 'eventsource-parser'
import type { Json } from '../../src/canonical/json.ts'

/** One event of a stream, told apart by a parser that is not ours. */
export interface WireFrame {
  readonly event: string
  readonly data: string
}

export function framesOf(text: string): readonly WireFrame[] {
  const frames: WireFrame[] = []
  const parser = createParser({ onEvent: ({ event, data }) => frames.push({ event: event ?? '', data }) })
  parser.feed(text)
  return frames
}

/** `undefined`: it is no JSON. */
export function parsed(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, key) => (isObject(found) ? found[key] : undefined), value)
}

export function number(value: unknown, ...path: readonly string[]): number | undefined {
  const found = at(value, ...path)
  return typeof found === 'number' ? found : undefined
}

export function list(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}
