import type { Call } from '../../canonical/call.ts'
import { GatewayError } from '../../canonical/error.ts'
import type { CarriedRoute } from './carried-route.ts'
import type { CarriedBody } from './carried-body.ts'

/**
 * What limits, budgets and records go by.
 * @param held the model for which what it names was made. Absent: none.
 * @throws GatewayError `unsupported` where the calls inside ask several models.
 */
export function carriedCall(
  { inner }: Pick<CarriedBody, 'inner'>,
  held: string | undefined,
  costs: CarriedRoute['costs'],
): Call {
  const [first] = inner
  const modelName = first?.call.modelName ?? held ?? ''
  const other = inner.find(({ call }) => call.modelName !== modelName)
  if (other)
    throw new GatewayError(
      'unsupported',
      `${other.where} asks another model than the first: limits and budgets go by the model, so send a batch for each`,
      { param: 'model' },
    )
  return costs === 'nothing' ? { ...carriedCallOf(modelName), asksNoTokens: true } : carriedCallOf(modelName)
}

/** A call that is carried. @param modelName empty: it asks none. */
export function carriedCallOf(modelName: string): Call {
  return {
    operation: 'carried',
    modelName,
    isStream: false,
    outputCapTokens: undefined,
    choiceCount: 1,
    wantsStreamUsage: false,
    needs: new Set(),
    endUser: undefined,
  }
}
