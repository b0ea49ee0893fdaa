import { GatewayError } from '../canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../canonical/json.ts'
import { stepsOf } from '../dialects/shared/form-fields.ts'
import { initialsOf, type JsonScan } from '../wire/json-scan.ts'

/**
 * Fields by which gateways, servers of models and client libraries are told where to send a call or to fetch from, or with which key.
 * Here only the config says so. A provider behind us may act on them, though, with our key or in its own network (failures.md L3;
 * LiteLLM's list of banned parameters, SGLang's and vLLM's protocols for split prefill, read 2026-11).
 */
export const steering: ReadonlySet<string> = new Set([
  'api_base',
  'apiBase',
  'api_key',
  'apiKey',
  'api_url',
  'base_url',
  'baseUrl',
  'baseURL',
  'aws_access_key_id',
  'aws_secret_access_key',
  'aws_session_token',
  'aws_bedrock_runtime_endpoint',
  'aws_sts_endpoint',
  'aws_web_identity_token',
  'azure_endpoint',
  'azure_ad_token',
  'bootstrap_host',
  'bootstrap_port',
  'extra_headers',
  'kv_transfer_params',
  'vertex_credentials',
])

/** Most bodies have no key that begins with the same letter as one of them. */
const steeringInitials = initialsOf(steering)
/** How every one of them begins, as bytes: most of the other bodies hold none of these, and need no walk. */
const beginnings = ['"api', '"base', '"aws_', '"azure_', '"vertex_', '"bootstrap_', '"extra_h', '"kv_t'].map((text) =>
  Buffer.from(text),
)

/**
 * Refuses such a field anywhere in the envelope. What is the client's own business (schemas, arguments, metadata) may
 * hold any key.
 * @param scan of the body. Where some key is written with an escape, the bytes do not tell.
 * @throws GatewayError `invalid_request`, naming the field.
 */
export function refuseSteering(
  body: Buffer,
  value: JsonObject,
  { hasEscapedKey, keyInitials }: JsonScan,
  isFreeForm: (path: readonly (string | number)[]) => boolean,
): void {
  if (!hasEscapedKey) {
    if ((keyInitials & steeringInitials) === 0) return
    if (!beginnings.some((beginning) => body.includes(beginning))) return
  }
  const path = steeringField(value, [], isFreeForm)
  if (path !== undefined) throw steers(path.join('.'))
}

/**
 * The same for the names of a form, of which each is the whole path of a field.
 * @throws GatewayError `invalid_request`, naming the field.
 */
export function refuseSteeringNames(names: Iterable<string>): void {
  for (const name of names) if (stepsOf(name).some((step) => steering.has(step))) throw steers(name)
}

function steers(param: string): GatewayError {
  return new GatewayError(
    'invalid_request',
    `the field ${param} would say where a call goes or with which key; only the gateway's config does`,
    { param },
  )
}

function steeringField(
  value: Json,
  path: readonly (string | number)[],
  isFreeForm: (path: readonly (string | number)[]) => boolean,
): readonly (string | number)[] | undefined {
  const members = Array.isArray(value) ? [...value.entries()] : isJsonObject(value) ? Object.entries(value) : []
  if (members.length === 0 || isFreeForm(path)) return undefined
  for (const [key, member] of members) {
    const place = [...path, key]
    if (typeof key === 'string' && steering.has(key)) return place
    const found = steeringField(member, place, isFreeForm)
    if (found !== undefined) return found
  }
  return undefined
}
