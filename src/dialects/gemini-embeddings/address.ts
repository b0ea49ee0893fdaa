import { collectionPath, modelPath } from '../vendors/gemini/path.ts'
import type { Address } from '../dialect.ts'

/** `/v1beta/models/gemini-embedding-2:batchEmbedContents`: several questions at once, or `embedContent` one. */
export const address: Address = {
  members: ['model', 'method'],
  read: (path) => {
    const found = modelPath(path, ['embedContent', 'batchEmbedContents'])
    return found && { model: found.modelName, method: found.method }
  },
  isArray: () => false,
  pathFor: (endpoint, modelName, _isStream, method = 'batchEmbedContents') =>
    `${collectionPath(endpoint, modelName)}:${method}`,
}
