import type { JsonObject } from '../../canonical/json.ts'

export type Tongue = 'openai' | 'anthropic' | 'google'

/** The body of an error, as each of the three words it. */
export function problemBody(tongue: Tongue, status: number, message: string, id: string, param?: string): JsonObject {
  switch (tongue) {
    case 'anthropic':
      return { type: 'error', error: { type: anthropicType(status), message }, request_id: id }
    case 'google':
      return { error: { code: status, message, status: googleStatus(status) } }
    case 'openai':
      return { error: { message, type: openaiType(status), param: param ?? null, code: openaiCodes[status] ?? null } }
  }
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

/** The names of Google's RPC codes by HTTP status (google/rpc/code.proto, read 2026-11). */
const googleStatuses: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

function googleStatus(status: number): string {
  return googleStatuses[status] ?? (status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT')
}
