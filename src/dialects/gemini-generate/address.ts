import type { JsonObject } from '../../canonical/json.ts'
import type { Address } from '../dialect.ts'

/**
 * Which model is asked, and whether for a stream, stands in the path (Gemini API discovery document, revision 20260717):
 * `/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse`, under `/v1`, `/v1beta` and `/v1alpha` alike.
 */
export const address: Address = { members: ['model', 'stream'], read, isArray, pathFor }

function read(path: string): JsonObject | undefined {
  const [, name, method] = callPath.exec(path) ?? []
  const modelName = name === undefined ? undefined : decoded(name)
  if (modelName === undefined || method === undefined) return undefined
  return { model: modelName, stream: method === 'streamGenerateContent' }
}

/** Names may hold slashes and colons of their own (`openai/gpt-5`): the method stands behind the last colon. */
const callPath = /^\/v1(?:beta|alpha)?\/models\/(.+):(generateContent|streamGenerateContent)$/

/** A stream that is not asked for as events comes as an array of the same chunks. */
function isArray(query: string): boolean {
  return !/(?:^|&)(?:\$|%24)?alt=sse(?:&|$)/.test(query)
}

/** @param endpoint up to the version, such as `/v1beta`. */
function pathFor(endpoint: string, modelName: string, isStream: boolean): string {
  const [, place = 'models', name = modelName] = collection.exec(modelName) ?? []
  const method = isStream ? 'streamGenerateContent?alt=sse' : 'generateContent'
  // A slash within the name would begin a segment, and `..` another path: a name may be a client's own choice.
  return `${endpoint}/${place}/${encodeURIComponent(name)}:${method}`
}

/** Models stand in collections; one that is trained by the caller in another (`tunedModels/mine`). */
const collection = /^(models|tunedModels)\/(.+)$/

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name)
  } catch {
    // No URL: there is no such endpoint.
    return undefined
  }
}
