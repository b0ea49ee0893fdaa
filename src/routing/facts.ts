import type { Call } from '../canonical/call.ts'
import type { Principal } from '../canonical/principal.ts'
import type { ConditionFacts } from '../config/condition.ts'

/**
 * What a condition is told of a call.
 * @param nowMs wall time.
 */
export function factsOf(call: Call, principal: Principal, bodyBytes: number, nowMs: number): ConditionFacts {
  const now = new Date(nowMs)
  return {
    principal: {
      organisation: principal.organisation,
      team: principal.team ?? '',
      project: principal.project ?? '',
      user: principal.user ?? '',
      agent: principal.agent ?? '',
      key: principal.keyName,
    },
    metadata: principal.metadata,
    call: {
      operation: call.operation,
      model: call.modelName,
      stream: call.isStream,
      inputBytes: BigInt(bodyBytes),
      outputCap: wholeOf(call.outputCapTokens ?? 0),
      choices: wholeOf(call.choiceCount),
      needs: [...call.needs],
      endUser: call.endUser ?? '',
    },
    time: {
      hour: BigInt(now.getUTCHours()),
      // ISO 8601: Sunday is the last day of the week.
      weekday: BigInt(now.getUTCDay() === 0 ? 7 : now.getUTCDay()),
      now,
    },
  }
}

function wholeOf(count: number): bigint {
  return BigInt(Math.trunc(count))
}
