import type { Call } from '../canonical/call.ts'
import type { JsonObject } from '../canonical/json.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { readJsonBody } from '../wire/json-body.ts'
import type { JsonScan } from '../wire/json-scan.ts'
import { spliceJson } from '../wire/json-splice.ts'

/** The canonical call beside the client's own bytes: what we judged is what we send. */
export interface Asked {
  readonly call: Call
  readonly dialect: Dialect
  readonly body: Buffer
  readonly value: JsonObject
  readonly scan: JsonScan
}

/** @throws GatewayError `invalid_request`: not JSON, a repeated key, a field with an impossible value. */
export function readAsked(dialect: Dialect, body: Buffer): Asked {
  const { value, scan } = readJsonBody(body, dialect.isFreeForm)
  return { call: dialect.readCall(value), dialect, body, value, scan }
}

/** The client's bytes with only the target's own words spliced in. */
export function bodyFor(asked: Asked, targetModelName: string): Buffer {
  return spliceJson(asked.body, asked.scan, asked.dialect.upstreamEdits(asked.value, asked.call, targetModelName))
}
