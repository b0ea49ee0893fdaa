import type { Call } from '../../canonical/call.ts'
import type { JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import type { BodyEdit } from '../dialect.ts'

/** The target's own name for the model. Usage comes unasked. */
export function upstreamEdits(_body: JsonObject, call: Call, targetModelName: string): readonly BodyEdit[] {
  return targetModelName === call.modelName ? [] : [{ key: 'model', value: targetModelName }]
}

export function outputCapEdits({ options }: JsonObject, tokens: number): readonly BodyEdit[] {
  const said = isJsonObject(options) ? options : {}
  return said['num_predict'] === tokens ? [] : [{ key: 'options', value: { ...said, num_predict: tokens } }]
}
