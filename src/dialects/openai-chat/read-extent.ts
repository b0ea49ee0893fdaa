import { ExtentDraft, type Extent } from '../../canonical/extent.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isGiven, listIn } from '../call-fields.ts'

/** What bounds the input of a call. Source: OpenAI API description 2.3.0; OpenRouter and Mistral references, 2026-11. */
export function readExtent(body: JsonObject): Extent {
  const extent = new ExtentDraft()
  for (const tool of listIn(body, 'tools')) readTool(tool, extent)
  extent.tools += listIn(body, 'functions').length
  for (const message of listIn(body, 'messages')) {
    extent.messages += 1
    if (isJsonObject(message)) for (const part of listIn(message, 'content')) readPart(part, extent)
  }
  // OpenAI's search models search once for each call, and read what they find.
  if (isGiven(body['web_search_options'])) extent.serverTool('web_search_options', 1)
  for (const key of serverSide) if (isGiven(body[key])) extent.serverTool(key, undefined)
  return extent.done()
}

/** OpenRouter's plugins, xAI's live search and Groq's compound tools run at the provider, as often as it likes. */
const serverSide = ['plugins', 'search_parameters', 'compound_custom'] as const

function readTool(tool: Json, extent: ExtentDraft): void {
  extent.tools += 1
  const type = isJsonObject(tool) ? tool['type'] : undefined
  // Where the type is left out it is a function (Mistral, Ollama).
  if (type === undefined || type === 'function' || type === 'custom') return
  extent.serverTool(`tool ${String(type)}`, undefined)
}

function readPart(part: Json, extent: ExtentDraft): void {
  switch (isJsonObject(part) ? part['type'] : undefined) {
    case 'image_url':
      extent.images += 1
      break
    // A page of a document has more tokens than bytes may show: it is compressed, and billed as a picture too.
    case 'file':
    case 'document_url':
      extent.unseen('a document')
      break
    case 'video_url':
      extent.unseen('a video')
      break
    default:
  }
}
