import type { Json } from '../../../canonical/json.ts'
import type { GuardCall } from './external-guard.ts'

/** A question in JSON. */
export function jsonCall(url: string, body: Json): GuardCall {
  return {
    url,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
  }
}

/** A path below an address that its operator may have written with a slash at its end. */
export function below(endpoint: string, path: string): string {
  return `${endpoint.replace(/\/{1,8}$/, '')}${path}`
}
