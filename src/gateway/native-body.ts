import { isJsonObject } from '../canonical/json.ts'
import { dialects } from '../dialects/all.ts'
import type { DialectName } from '../dialects/dialect.ts'
import type { Provider } from '../providers/provider.ts'
import { formBoundary } from '../wire/form-scan.ts'
import { readJsonBody } from '../wire/json-body.ts'
import { readForm } from './read-form.ts'
import { readJson } from './read-json.ts'
import { refuseSteering, refuseSteeringNames } from './refuse-steering.ts'

/**
 * What a body must not say on a path of which nothing is known: where the call goes, or with which key. Some providers read JSON
 * whatever its type is said to be, so what can be read as an object is judged as one.
 * @throws GatewayError `invalid_request` for such a field, and for JSON or a form that two readers could take for two.
 */
export function refuseSteeringIn(body: Buffer, contentType: string | undefined, { endpoints }: Provider): void {
  if (body.length === 0) return
  const boundary = formBoundary(contentType)
  if (boundary !== undefined && contentType !== undefined) {
    readForm(body, contentType, boundary)
    return
  }
  if (contentType !== undefined && /^\s*application\/x-www-form-urlencoded\b/i.test(contentType))
    refuseSteeringNames(new URLSearchParams(body.toString()).keys())
  const isSaidToBe = contentType !== undefined && /\bjson\b/i.test(contentType)
  if (!isSaidToBe && !isJsonObject(readJson(body))) return
  const spoken = Object.keys(endpoints).map((name) => dialects[name as DialectName])
  const isFree = (path: readonly (string | number)[]) =>
    path[0] === 'metadata' || spoken.some((dialect) => dialect.isFreeForm(path))
  const { value, scan } = readJsonBody(body, isFree)
  refuseSteering(body, value, scan, isFree)
}
