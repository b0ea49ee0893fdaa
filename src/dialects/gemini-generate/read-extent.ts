import { ExtentDraft, type Extent } from '../../canonical/extent.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isGiven, isJsonArray } from '../shared/call-fields.ts'
import { kindOfMedia } from './media-kind.ts'
import { listedIn, memberOf, partOf } from '../vendors/gemini/spelling.ts'

/** What bounds the input of a call. Source: Gemini API discovery document, revision 20260717. */
export function readExtent(body: JsonObject): Extent {
  const extent = new ExtentDraft()
  for (const { wire } of listedIn(body, 'tools')) readTools(wire, extent)
  for (const { wire } of listedIn(body, 'contents')) {
    extent.messages += 1
    if (isJsonObject(wire)) for (const part of listedIn(wire, 'parts')) readPart(part.wire, extent)
  }
  if (isGiven(memberOf(body, 'cachedContent'))) extent.unseen('a cached content')
  const modalities = memberOf(partOf(body, 'generationConfig'), 'responseModalities')
  if (isJsonArray(modalities)) extent.answersIn(modalities)
  extent.tier('serviceTier', memberOf(body, 'serviceTier'))
  return extent.done()
}

/** Besides functions, which the client runs, a group of tools holds tools that run at the provider, as often as it likes. */
function readTools(group: Json, extent: ExtentDraft): void {
  if (!isJsonObject(group)) return
  const functions = listedIn(group, 'functionDeclarations')
  extent.tools += functions.length
  for (const [key, value] of Object.entries(group)) {
    if (key === 'functionDeclarations' || key === 'function_declarations' || !isGiven(value)) continue
    // The client moves the mouse itself; Google words the functions for it.
    if (key === 'computerUse' || key === 'computer_use') extent.wordedTools += 1
    else extent.serverTool(`tool ${key}`, undefined)
  }
}

function readPart(part: Json, extent: ExtentDraft): void {
  if (!isJsonObject(part)) return
  const inline = memberOf(part, 'inlineData')
  if (isJsonObject(inline)) readMedium(inline, false, extent)
  const file = memberOf(part, 'fileData')
  if (isJsonObject(file)) readMedium(file, true, extent)
  const result = memberOf(part, 'functionResponse')
  // Results of tools may hold pictures.
  if (isJsonObject(result)) for (const inner of listedIn(result, 'parts')) readPart(inner.wire, extent)
}

function readMedium(medium: JsonObject, isElsewhere: boolean, extent: ExtentDraft): void {
  const mediaType = memberOf(medium, 'mimeType')
  const kind = kindOfMedia(typeof mediaType === 'string' ? mediaType : undefined)
  if (kind === 'image') extent.images += 1
  // A sound or a text in the body has no more tokens than bytes.
  else if (isElsewhere || kind === 'video' || mediaType === 'application/pdf') extent.unseen(`a ${kind}`)
}
