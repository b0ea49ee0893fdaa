import type { Call } from '../canonical/call.ts'
import type { ChatCall } from '../canonical/chat.ts'
import type { JsonObject } from '../canonical/json.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { readJsonBody } from '../wire/json-body.ts'
import type { JsonScan } from '../wire/json-scan.ts'
import { refuseSteering } from './refuse-steering.ts'

/** The canonical call beside the client's own bytes: what we judged is what we send. */
export interface Asked {
  readonly call: Call
  readonly dialect: Dialect
  readonly body: Buffer
  readonly value: JsonObject
  readonly scan: JsonScan
  /** The whole question in canonical words, read when it is first wanted. `undefined`: the operation has no such form. */
  chat(): ChatCall | undefined
}

/** @throws GatewayError `invalid_request`: not JSON, a repeated key, a field that would steer the call elsewhere, an impossible value. */
export function readAsked(dialect: Dialect, body: Buffer): Asked {
  const { value, scan } = readJsonBody(body, dialect.isFreeForm)
  refuseSteering(body, value, scan, dialect.isFreeForm)
  let chat: ChatCall | undefined
  return {
    call: dialect.readCall(value),
    dialect,
    body,
    value,
    scan,
    chat: () => (chat ??= dialect.translation?.readChat(value)),
  }
}
