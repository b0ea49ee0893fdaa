import type { ErrorKind } from '../canonical/error.ts'
import type { Fault } from './health-state.ts'

/** Whose fault it is when an attempt at a target ends with a problem of this kind. */
export function faultOf(kind: ErrorKind): Fault {
  switch (kind) {
    case 'upstream_overloaded':
    case 'upstream_unavailable':
    case 'upstream_invalid':
    case 'upstream_cut':
    case 'upstream_timeout':
      return 'target'
    case 'upstream_rate_limited':
      return 'limit'
    case 'upstream_credential':
      return 'credential'
    case 'upstream_rejected':
    case 'context_length_exceeded':
    case 'content_policy':
    case 'model_not_found':
      return 'call'
    default:
      // Ours: a drain, a disk that refuses, a mistake.
      return 'nobody'
  }
}
