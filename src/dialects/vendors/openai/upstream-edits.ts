import type { Call } from '../../../canonical/call.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { BodyEdit } from '../../dialect.ts'

/**
 * The target's own name for the model; and in a stream we always ask for usage, since without asking it never comes
 * (failures.md M8). The client's other stream options stay as they are.
 */
export function upstreamEdits(body: JsonObject, call: Call, targetModelName: string): readonly BodyEdit[] {
  const edits: BodyEdit[] = []
  if (targetModelName !== call.modelName) edits.push({ key: 'model', value: targetModelName })
  if (call.isStream && !call.wantsStreamUsage) {
    const options = body['stream_options']
    const value = { ...(isJsonObject(options) ? options : {}), include_usage: true }
    edits.push({ key: 'stream_options', value })
  }
  return edits
}
