import type { Call } from '../canonical/call.ts'
import type { ChatCall } from '../canonical/chat.ts'
import { GatewayError } from '../canonical/error.ts'
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
  /** The body, with what the path says. */
  readonly value: JsonObject
  readonly scan: JsonScan
  /** The whole question in canonical words, read when it is first wanted. `undefined`: the operation has no such form. */
  chat(): ChatCall | undefined
}

/**
 * @param address what the path says of the call: members of the value as those of the body are.
 * @throws GatewayError `invalid_request`: not JSON, a repeated key, a field that would steer the call elsewhere, an impossible value.
 */
export function readAsked(dialect: Dialect, body: Buffer, address?: JsonObject): Asked {
  const { value: said, scan } = readJsonBody(body, dialect.isFreeForm)
  refuseSteering(body, said, scan, dialect.isFreeForm)
  const value = address ? { ...address, ...said } : said
  const call = dialect.readCall(value)
  if (address) refuseOtherAddress(dialect, call, { ...said, ...address })
  let chat: ChatCall | undefined
  return {
    call,
    dialect,
    body,
    value,
    scan,
    chat: () => (chat ??= dialect.translation?.readChat(value)),
  }
}

/** The same question with another body: read again, so that what is judged from now on is what it says now. */
export function judgedAnew({ dialect, value }: Asked, next: JsonObject): Asked {
  const members = dialect.address?.members ?? []
  const inPath = Object.fromEntries(members.flatMap((key) => (value[key] === undefined ? [] : [[key, value[key]]])))
  const inBody = Object.fromEntries(Object.entries(next).filter(([key]) => !members.includes(key)))
  return readAsked(dialect, Buffer.from(JSON.stringify(inBody)), members.length === 0 ? undefined : inPath)
}

/** A body may repeat what its path says, but not say something else: we would judge the one, and the provider might read the other. */
function refuseOtherAddress(dialect: Dialect, call: Call, addressed: JsonObject): void {
  const { modelName, isStream } = dialect.readCall(addressed)
  if (modelName !== call.modelName)
    throw new GatewayError('invalid_request', 'model names another model than the path does', { param: 'model' })
  if (isStream !== call.isStream)
    throw new GatewayError('invalid_request', 'stream says otherwise than the path does', { param: 'stream' })
}
