import { isJsonObject, type JsonObject } from '../../canonical/json.ts'
import { readJson } from '../read-json.ts'
import type { CarriedAsked } from './carried-exchange.ts'

type Asked = Pick<CarriedAsked, 'route' | 'origin'>

/**
 * An object as a client is to be told of it. Anthropic's batches tell where their results are, and its SDK loads them from there, with
 * the key that it has: that is one of ours, for here.
 */
export function toldHere(value: JsonObject, asked: Asked): JsonObject {
  const { id, results_url: url } = value
  if (!mayLeadPast(asked) || typeof url !== 'string') return value
  return { ...value, results_url: `${asked.origin}/v1/messages/batches/${String(id)}/results` }
}

/** The same of the bytes of an answer. */
export function bytesToldHere(body: Buffer, asked: Asked): Buffer {
  const value = mayLeadPast(asked) ? readJson(body) : undefined
  if (!isJsonObject(value)) return body
  const told = toldHere(value, asked)
  return told === value ? body : Buffer.from(JSON.stringify(told))
}

function mayLeadPast({ route }: Asked): boolean {
  return route.family === 'anthropic' && route.kind === 'batch'
}
