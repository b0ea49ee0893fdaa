import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isJsonObject, type Json, type JsonObject } from '../../src/canonical/json.ts'
import { corpusDir } from '../corpus.ts'
import type { Objections, PublishedSchemas } from './published-schemas.ts'

/**
 * Bedrock's own service model (botocore, 2023-09-30), held against bodies shape by shape: an object has the members that it names and no
 * others, a union has exactly one, and lists, texts and numbers keep within their bounds. `undefined` without a corpus.
 */
export function conversePublished(): PublishedSchemas | undefined {
  if (corpusDir === undefined) return undefined
  const file = join(corpusDir, 'specs', 'bedrock-runtime.botocore-service-2.json')
  const model: Json = JSON.parse(readFileSync(file, 'utf8'))
  const shapes = isJsonObject(model) && isJsonObject(model['shapes']) ? model['shapes'] : {}
  return {
    call: shapeOf(shapes, 'ConverseRequest', ['model', 'stream', 'modelId']),
    answer: shapeOf(shapes, 'ConverseResponse', []),
    // Which event a frame is stands in its name: each kind has a member of its own.
    frame: (body) => {
      const event = events.find(([member]) => body[member] !== undefined)?.[1]
      return event === undefined ? ['there is no such event'] : shapeOf(shapes, event, ['p'])(body)
    },
  }
}

const events = [
  ['role', 'MessageStartEvent'],
  ['start', 'ContentBlockStartEvent'],
  ['delta', 'ContentBlockDeltaEvent'],
  ['stopReason', 'MessageStopEvent'],
  ['usage', 'ConverseStreamMetadataEvent'],
  ['contentBlockIndex', 'ContentBlockStopEvent'],
] as const

/** @param beside members of the body that stand elsewhere on the wire. */
function shapeOf(shapes: JsonObject, name: string, beside: readonly string[]): Objections {
  return (body) => {
    const members = Object.entries(body).filter(([key]) => !beside.includes(key))
    return [...objectionsTo(Object.fromEntries(members), name, '', shapes)]
  }
}

function* objectionsTo(value: Json, name: string, path: string, shapes: JsonObject): Generator<string> {
  const shape = shapes[name]
  if (!isJsonObject(shape)) throw new Error(`the service model has no shape ${name}`)
  // Any JSON, of a model's own.
  if (shape['document'] === true) return
  switch (shape['type']) {
    case 'structure':
      return yield* ofStructure(value, shape, path, shapes)
    case 'list': {
      if (!Array.isArray(value)) return yield objection(path, 'must be a list')
      yield* bounds(value.length, shape, path, 'elements')
      for (const [index, one] of value.entries())
        yield* objectionsTo(one, nameIn(shape, 'member'), `${path}.${index}`, shapes)
      return
    }
    case 'map': {
      if (!isJsonObject(value)) return yield objection(path, 'must be an object')
      yield* bounds(Object.keys(value).length, shape, path, 'members')
      for (const [key, one] of Object.entries(value)) {
        yield* objectionsTo(key, nameIn(shape, 'key'), path, shapes)
        yield* objectionsTo(one, nameIn(shape, 'value'), `${path}.${key}`, shapes)
      }
      return
    }
    case 'string':
      return yield* ofText(value, shape, path)
    case 'blob':
      if (typeof value !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) yield objection(path, 'must be base64')
      return
    case 'boolean':
      if (typeof value !== 'boolean') yield objection(path, 'must be true or false')
      return
    default:
      if (typeof value !== 'number') return yield objection(path, 'must be a number')
      if (['integer', 'long'].includes(String(shape['type'])) && !Number.isInteger(value))
        yield objection(path, 'must be a whole number')
      yield* bounds(value, shape, path, 'in value')
  }
}

function* ofStructure(value: Json, shape: JsonObject, path: string, shapes: JsonObject): Generator<string> {
  if (!isJsonObject(value)) return yield objection(path, 'must be an object')
  const members = isJsonObject(shape['members']) ? shape['members'] : {}
  const required = Array.isArray(shape['required']) ? shape['required'].map(String) : []
  for (const key of required)
    if (value[key] === undefined && !isElsewhere(members[key])) yield objection(path, `must have ${key}`)
  if (shape['union'] === true && Object.keys(value).length !== 1) yield objection(path, 'must have one member')
  for (const [key, one] of Object.entries(value)) {
    const member = members[key]
    if (!isJsonObject(member)) yield objection(path, `has no member ${key}`)
    else yield* objectionsTo(one, String(member['shape']), path === '' ? key : `${path}.${key}`, shapes)
  }
}

/** In the path. */
function isElsewhere(member: Json | undefined): boolean {
  return isJsonObject(member) && member['location'] !== undefined
}

function* ofText(value: Json, shape: JsonObject, path: string): Generator<string> {
  if (typeof value !== 'string') return yield objection(path, 'must be a text')
  const { enum: values, pattern } = shape
  if (Array.isArray(values) && !values.includes(value)) yield objection(path, `must be one of ${values.join(', ')}`)
  if (typeof pattern === 'string' && !new RegExp(`^(?:${pattern})$`, 'u').test(value))
    yield objection(path, 'must match its pattern')
  yield* bounds([...value].length, shape, path, 'characters')
}

function* bounds(count: number, { min, max }: JsonObject, path: string, what: string): Generator<string> {
  if (typeof min === 'number' && count < min) yield objection(path, `must have at least ${min} ${what}`)
  if (typeof max === 'number' && count > max) yield objection(path, `must have at most ${max} ${what}`)
}

function nameIn(shape: JsonObject, key: string): string {
  const part = shape[key]
  return isJsonObject(part) ? String(part['shape']) : ''
}

function objection(path: string, what: string): string {
  return `${path}: ${what}`
}
