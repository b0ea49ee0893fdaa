import { ExtentDraft, type Extent } from '../../canonical/extent.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject, wordOf } from '../../canonical/json.ts'
import { listIn } from '../shared/call-fields.ts'

/**
 * What bounds the input of a call. Nothing that is known runs at Cohere in version 2 of its API, and all that is read stands in the
 * body; what Cohere adds by itself is not charged. Source: cohere-ai 8.1.0, `V2ChatRequest`.
 */
export function readExtent(body: JsonObject): Extent {
  const extent = new ExtentDraft()
  for (const tool of listIn(body, 'tools')) readTool(tool, extent)
  for (const message of listIn(body, 'messages')) {
    extent.messages += 1
    if (!isJsonObject(message)) continue
    for (const part of listIn(message, 'content')) readPart(part, extent)
    // Each call and each document is set apart as a message is.
    extent.messages += listIn(message, 'tool_calls').length
  }
  extent.messages += listIn(body, 'documents').length
  return extent.done()
}

function readTool(tool: Json, extent: ExtentDraft): void {
  const type = isJsonObject(tool) ? tool['type'] : undefined
  if (type === undefined || type === 'function') extent.tools += 1
  else extent.serverTool(`tool ${wordOf(type)}`.slice(0, 100), undefined)
}

function readPart(part: Json, extent: ExtentDraft): void {
  switch (isJsonObject(part) ? part['type'] : undefined) {
    case 'text':
    case 'thinking':
      break
    case 'image_url':
      extent.images += 1
      break
    case 'document':
      extent.messages += 1
      break
    default:
      extent.unseen('a part that is no text')
  }
}
