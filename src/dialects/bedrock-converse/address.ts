import type { JsonObject } from '../../canonical/json.ts'
import type { Address } from '../dialect.ts'

/**
 * Which model is asked, and whether for a stream, stands in the path (Bedrock runtime service model, 2023-09-30):
 * `/model/us.amazon.nova-lite-v1%3A0/converse`, `/model/.../converse-stream`.
 */
export const address: Address = { members: ['model', 'stream'], read, isArray: () => false, pathFor }

function read(path: string): JsonObject | undefined {
  const [, name, method] = callPath.exec(path) ?? []
  const modelName = name === undefined ? undefined : decoded(name)
  if (modelName === undefined || method === undefined) return undefined
  return { model: modelName, stream: method === 'converse-stream' }
}

/** SDKs encode the slashes of a resource name; who writes the path by hand need not. */
const callPath = /^\/model\/(.+)\/(converse|converse-stream)$/

/** @param endpoint up to the model, such as `/model`. */
function pathFor(endpoint: string, modelName: string, isStream: boolean): string {
  // A slash within the name would begin a segment, and `..` another path: a name may be a client's own choice.
  return `${endpoint}/${encodeURIComponent(modelName)}/${isStream ? 'converse-stream' : 'converse'}`
}

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name)
  } catch {
    // No URL: there is no such endpoint.
    return undefined
  }
}
