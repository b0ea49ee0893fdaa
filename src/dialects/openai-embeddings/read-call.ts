import type { Call } from '../../canonical/call.ts'
import type { JsonObject } from '../../canonical/json.ts'
import { readFlag, readLabel, readModelName, refusal } from '../call-fields.ts'
import type { BodyEdit } from '../dialect.ts'

export function readCall(body: JsonObject): Call {
  const modelName = readModelName(body)
  if (body['input'] === undefined || body['input'] === null) throw refusal('input', 'must be given')
  if (readFlag(body, 'stream')) throw refusal('stream', 'must not be true: embeddings are not streamed')
  return {
    operation: 'embeddings',
    modelName,
    isStream: false,
    outputCapTokens: undefined,
    choiceCount: 1,
    wantsStreamUsage: true,
    needs: noNeeds,
    endUser: readLabel(body, 'user'),
  }
}

/** The dialect has no free dictionaries. */
export function isFreeForm(_path: readonly (string | number)[]): boolean {
  return false
}

export function upstreamEdits(_body: JsonObject, call: Call, targetModelName: string): readonly BodyEdit[] {
  return targetModelName === call.modelName ? [] : [{ key: 'model', value: targetModelName }]
}

const noNeeds: Call['needs'] = new Set()
