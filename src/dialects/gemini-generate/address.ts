import type { JsonObject } from '../../canonical/json.ts'
import type { Address } from '../dialect.ts'
import { collectionPath, modelPath } from '../vendors/gemini/path.ts'

/**
 * Which model is asked, and whether for a stream, stands in the path (Gemini API discovery document, revision 20260717):
 * `/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse`, under `/v1`, `/v1beta` and `/v1alpha` alike.
 */
export const address: Address = { members: ['model', 'stream'], read, isArray, pathFor }

function read(path: string): JsonObject | undefined {
  const found = modelPath(path, ['generateContent', 'streamGenerateContent'])
  return found && { model: found.modelName, stream: found.method === 'streamGenerateContent' }
}

/** A stream that is not asked for as events comes as an array of the same chunks. */
function isArray(query: string): boolean {
  return !/(?:^|&)(?:\$|%24)?alt=sse(?:&|$)/.test(query)
}

/** @param endpoint up to the version, such as `/v1beta`. */
function pathFor(endpoint: string, modelName: string, isStream: boolean): string {
  const method = isStream ? 'streamGenerateContent?alt=sse' : 'generateContent'
  return `${collectionPath(endpoint, modelName)}:${method}`
}
