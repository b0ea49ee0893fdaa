import type { StateReference } from '../../canonical/call.ts'
import { isJsonObject, type JsonObject } from '../../canonical/json.ts'
import { listedIn, memberOf } from '../gemini-spelling.ts'

/** What of a call its provider keeps: files, by their addresses there, and cached content. */
export function readState(body: JsonObject): readonly StateReference[] {
  const found: StateReference[] = []
  const cache = memberOf(body, 'cachedContent')
  if (typeof cache === 'string' && cache !== '') found.push({ kind: 'cache', id: cache, param: 'cachedContent' })
  for (const [place, content] of listedIn(body, 'contents').entries()) {
    if (!isJsonObject(content.wire)) continue
    for (const [index, part] of listedIn(content.wire, 'parts').entries()) {
      const medium = isJsonObject(part.wire) ? memberOf(part.wire, 'fileData') : undefined
      const address = isJsonObject(medium) ? memberOf(medium, 'fileUri') : undefined
      const id = typeof address === 'string' ? keptFile.exec(address)?.[1] : undefined
      if (id !== undefined)
        found.push({ kind: 'file', id, param: `contents[${place}].parts[${index}].fileData.fileUri` })
    }
  }
  return found
}

/** What is uploaded; other addresses (of videos, of buckets) are of things that Gemini does not keep. */
export const keptFile = /^(?:https?:\/\/[^/]+\/v1(?:beta|alpha)?\/)?(files\/[\w.-]+)$/
