/** A call to a model in Google's paths: `/v1beta/models/gemini-2.5-flash:countTokens`. */
export interface ModelPath {
  readonly modelName: string
  readonly method: string
}

/**
 * Reads a path without its query. Names may hold slashes and colons of their own (`openai/gpt-5`): the method stands behind the
 * last colon.
 */
export function modelPath(path: string, methods: readonly string[]): ModelPath | undefined {
  const [, name, method] = callPath.exec(path) ?? []
  if (name === undefined || method === undefined || !methods.includes(method)) return undefined
  const modelName = decoded(name)
  return modelName === undefined ? undefined : { modelName, method }
}

const callPath = /^\/v1(?:beta|alpha)?\/models\/(.+):([A-Za-z]+)$/

/** @param endpoint up to the version, such as `/v1beta`. */
export function collectionPath(endpoint: string, modelName: string): string {
  const [, place = 'models', name = modelName] = collection.exec(modelName) ?? []
  // A slash within the name would begin a segment, and `..` another path: a name may be a client's own choice.
  return `${endpoint}/${place}/${encodeURIComponent(name)}`
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

/** A body may name the model as well, as the resource that it is: `models/gemini-2.5-flash`. */
export function bareName(modelName: string): string {
  return modelName.startsWith(prefix) && modelName !== prefix ? modelName.slice(prefix.length) : modelName
}

/** The name as a resource. */
export function resourceName(modelName: string): string {
  return collection.test(modelName) ? modelName : `${prefix}${modelName}`
}

const prefix = 'models/'
