import type { GatewayError } from '../../canonical/error.ts'
import type { FailureClass } from '../../providers/provider.ts'
import type { Outcome, OutcomeFacts } from '../attempt-meter.ts'

/*
 * How an attempt ended whose bytes are passed on as they are. Nothing is said in other words, so no words can be missing.
 */

/**
 * An answer came, or a part of it.
 * @param facts `undefined`: it counts as what is declared for it.
 * @param problem what broke it off.
 */
export function answered(
  status: 'ok' | 'truncated' | 'aborted',
  httpStatus: number | undefined,
  facts: OutcomeFacts | undefined,
  problem?: GatewayError,
  isLast = true,
): Outcome {
  return {
    status,
    errorKind: problem?.kind,
    failureClass: status === 'ok' ? undefined : 'partial',
    httpStatus,
    facts,
    answerLosses: [],
    isLast,
  }
}

/**
 * Nothing of an answer came.
 * @param problem `undefined`: we gave it up ourselves.
 */
export function unanswered(
  failureClass: FailureClass,
  problem: GatewayError | undefined,
  httpStatus: number | undefined,
  isLast: boolean,
): Outcome {
  return {
    status: problem ? 'failed' : 'aborted',
    errorKind: problem?.kind,
    failureClass,
    httpStatus,
    facts: undefined,
    answerLosses: [],
    isLast,
  }
}
