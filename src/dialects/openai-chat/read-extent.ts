import { ExtentDraft, type Extent } from '../../canonical/extent.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject, wordOf } from '../../canonical/json.ts'
import { isGiven, listIn } from '../shared/call-fields.ts'

/** What bounds the input of a call. Source: OpenAI API description 2.3.0; OpenRouter and Mistral references, 2026-11. */
export function readExtent(body: JsonObject): Extent {
  const extent = new ExtentDraft()
  for (const tool of listIn(body, 'tools')) readTool(tool, extent)
  extent.tools += listIn(body, 'functions').length
  for (const message of listIn(body, 'messages')) {
    extent.messages += 1
    if (!isJsonObject(message)) continue
    for (const part of listIn(message, 'content')) readPart(part, extent)
    // An earlier answer in sound is named, not sent.
    if (isGiven(message['audio'])) extent.unseen('an earlier sound')
  }
  // OpenAI's search models search once for each call, and read what they find.
  if (isGiven(body['web_search_options'])) extent.serverTool('web_search_options', 1)
  for (const key of serverSide) if (isGiven(body[key])) extent.serverTool(key, undefined)
  extent.answersIn(listIn(body, 'modalities'))
  extent.tier('service_tier', body['service_tier'])
  return extent.done()
}

/** OpenRouter's plugins, xAI's live search and Groq's compound tools run at the provider, as often as it likes. */
const serverSide = ['plugins', 'search_parameters', 'compound_custom'] as const

function readTool(tool: Json, extent: ExtentDraft): void {
  extent.tools += 1
  const type = isJsonObject(tool) ? tool['type'] : undefined
  // Where the type is left out it is a function (Mistral, Ollama).
  if (type === undefined || type === 'function' || type === 'custom') return
  extent.serverTool(`tool ${wordOf(type)}`, undefined)
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
    case undefined:
    case 'text':
    case 'refusal':
    case 'thinking':
      break
    case 'input_audio':
      if (!isInBody(part)) extent.unseen('a sound')
      break
    // Whatever it is, it may be somewhere else.
    default:
      extent.unseen('a part that is no text')
  }
}

/** Sound in base64 has fewer tokens than bytes; behind an address it has any number. */
function isInBody(part: Json): boolean {
  const audio = isJsonObject(part) ? part['input_audio'] : undefined
  const sound = isJsonObject(audio) ? audio['data'] : audio
  return typeof sound === 'string' && !/^https?:/i.test(sound)
}
