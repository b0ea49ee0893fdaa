import { ExtentDraft, type Extent } from '../../canonical/extent.ts'
import type { JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { listIn } from '../shared/call-fields.ts'

/** What bounds the input of a call. All that is read stands in the body: pictures come as bytes, and no tool runs at Ollama. */
export function readExtent(body: JsonObject): Extent {
  const extent = new ExtentDraft()
  extent.tools = listIn(body, 'tools').length
  for (const message of listIn(body, 'messages')) {
    extent.messages += 1
    if (isJsonObject(message)) extent.images += listIn(message, 'images').length
  }
  return extent.done()
}
