import { GatewayError } from '../canonical/error.ts'
import { isJsonObject, type Json } from '../canonical/json.ts'
import { dialects } from '../dialects/all.ts'
import type { DialectName } from '../dialects/dialect.ts'
import type { Provider } from '../providers/provider.ts'
import { formBoundary, isUrlEncoded } from '../wire/form-scan.ts'
import { readJsonBody } from '../wire/json-body.ts'
import { textOfBytes } from '../policies/guardrails/encoded-text.ts'
import { readForm } from './read-form.ts'
import { readJson } from './read-json.ts'
import { refuseSteering, refuseSteeringNames } from './refuse-steering.ts'

/**
 * What a body must not say on a path of which nothing is known: where the call goes, or with which key. Some providers read JSON
 * whatever its type is said to be, so what can be read as an object or a list is judged as one.
 * @throws GatewayError `invalid_request` for such a field, and for JSON or a form that two readers could take for two.
 */
export function refuseSteeringIn(body: Buffer, contentType: string | undefined, { endpoints }: Provider): void {
  if (body.length === 0) return
  const boundary = formBoundary(contentType)
  if (boundary !== undefined && contentType !== undefined) {
    readForm(body, contentType, boundary)
    return
  }
  if (contentType !== undefined && isUrlEncoded(contentType))
    refuseSteeringNames(new URLSearchParams(body.toString()).keys())
  const isSaidToBe = contentType !== undefined && /\bjson\b/i.test(contentType)
  // What says that it is JSON is judged within the bounds of a body of a call, which is an object.
  const said = isSaidToBe ? undefined : readJson(body)
  if (!isSaidToBe) {
    if (said === undefined) refuseOtherEncoding(body)
    if (!isCompound(said)) return
  }
  const spoken = Object.keys(endpoints).map((name) => dialects[name as DialectName])
  const isFree = (path: readonly (string | number)[]) =>
    path[0] === 'metadata' || spoken.some((dialect) => dialect.isFreeForm(path))
  // A list is judged as the one member of an object.
  const read = Array.isArray(said) ? Buffer.concat([Buffer.from('{"":'), body, Buffer.from('}')]) : body
  const { value, scan } = readJsonBody(read, isFree)
  refuseSteering(read, value, scan, isFree)
}

/** Many readers take it, and none of ours does. */
function refuseOtherEncoding(body: Buffer): void {
  const text = textOfBytes(body)?.replace(/^\ufeff/, '')
  if (text !== undefined && isCompound(readJson(Buffer.from(text))))
    throw new GatewayError('invalid_request', 'the body is JSON that is not in UTF-8, or begins with a byte order mark')
}

function isCompound(value: Json | undefined): boolean {
  return Array.isArray(value) || (value !== undefined && isJsonObject(value))
}
