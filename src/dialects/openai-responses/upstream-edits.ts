import type { Call } from '../../canonical/call.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isJsonArray } from '../shared/call-fields.ts'
import type { BodyEdit } from '../dialect.ts'
import { readMarkedSignature } from '../shared/translation/signed-elsewhere.ts'

/**
 * The target's own name for the model, and no thoughts that another dialect's model signed: OpenAI refuses a call for an
 * encrypted content that it cannot read. Nothing else: this dialect tells usage unasked.
 */
export function upstreamEdits(body: JsonObject, call: Call, targetModelName: string): readonly BodyEdit[] {
  const { input } = body
  const isForeign = isJsonArray(input) && input.some(isSignedElsewhere)
  return [
    ...(targetModelName === call.modelName ? [] : [{ key: 'model', value: targetModelName }]),
    ...(isForeign ? [{ key: 'input', value: input.filter((item) => !isSignedElsewhere(item)) }] : []),
  ]
}

function isSignedElsewhere(item: Json): boolean {
  if (!isJsonObject(item) || item['type'] !== 'reasoning') return false
  const { encrypted_content: encrypted } = item
  return typeof encrypted === 'string' && readMarkedSignature(encrypted) !== undefined
}
