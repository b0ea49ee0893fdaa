import type { JsonObject } from '../../canonical/json.ts'

export type Tongue = 'openai' | 'anthropic'

/** The body of an error, as each of the two words it. */
export function problemBody(tongue: Tongue, status: number, message: string, id: string, param?: string): JsonObject {
  if (tongue === 'anthropic') return { type: 'error', error: { type: anthropicType(status), message }, request_id: id }
  return { error: { message, type: openaiType(status), param: param ?? null, code: openaiCodes[status] ?? null } }
}

const openaiCodes: Readonly<Record<number, string>> = {
  401: 'invalid_api_key',
  404: 'model_not_found',
  429: 'rate_limit_exceeded',
}

function openaiType(status: number): string {
  if (status === 429) return 'requests'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}

/** Anthropic docs, Errors, read 2026-11. */
const anthropicTypes: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

function anthropicType(status: number): string {
  return anthropicTypes[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error')
}
