import { modelPath } from '../../dialects/vendors/gemini/path.ts'
import { bytesOf, readAndRemove, type CarriedRoute } from './carried-route.ts'
import { keptByOpenAi } from './kept-by-openai.ts'
import { geminiBatchMethods, type GeminiBatchMethod } from './gemini-batch-methods.ts'
import type { CarriedFamily } from '../../providers/provider.ts'

export type { CarriedFamily, CarriedRoute }

const openAiFiles: readonly CarriedRoute[] = [
  { family: 'openai', method: 'POST', path: '/v1/files', kind: 'file', does: 'make', body: 'bytes', costs: 'nothing' },
  { family: 'openai', method: 'GET', path: '/v1/files', kind: 'file', does: 'list', body: 'none', costs: 'nothing' },
  ...readAndRemove('openai', '/v1/files/{id}', 'file'),
  { ...bytesOf('openai', '/v1/files/{id}/content', 'file'), settles: 'output' },
]

const batchFiles = ['output_file_id', 'error_file_id']

const openAiBatches: readonly CarriedRoute[] = [
  {
    family: 'openai',
    method: 'POST',
    path: '/v1/batches',
    kind: 'batch',
    does: 'make',
    body: 'json',
    costs: 'batches',
    takes: ['input_file_id'],
  },
  {
    family: 'openai',
    method: 'GET',
    path: '/v1/batches',
    kind: 'batch',
    does: 'list',
    body: 'none',
    costs: 'nothing',
    brings: batchFiles,
  },
  {
    family: 'openai',
    method: 'GET',
    path: '/v1/batches/{id}',
    kind: 'batch',
    does: 'read',
    body: 'none',
    costs: 'nothing',
    settles: 'object',
    brings: batchFiles,
  },
  {
    family: 'openai',
    method: 'POST',
    path: '/v1/batches/{id}/cancel',
    kind: 'batch',
    does: 'change',
    body: 'json',
    costs: 'nothing',
    settles: 'object',
    brings: batchFiles,
  },
]

const openAiResponses: readonly CarriedRoute[] = [
  ...readAndRemove('openai', '/v1/responses/{id}', 'answer'),
  {
    family: 'openai',
    method: 'POST',
    path: '/v1/responses/{id}/cancel',
    kind: 'answer',
    does: 'change',
    body: 'json',
    costs: 'nothing',
  },
  {
    family: 'openai',
    method: 'GET',
    path: '/v1/responses/{id}/input_items',
    kind: 'answer',
    does: 'read',
    body: 'none',
    costs: 'nothing',
    listsItems: 'answer',
  },
]

const anthropicFiles: readonly CarriedRoute[] = [
  {
    family: 'anthropic',
    method: 'POST',
    path: '/v1/files',
    kind: 'file',
    does: 'make',
    body: 'bytes',
    costs: 'nothing',
  },
  { family: 'anthropic', method: 'GET', path: '/v1/files', kind: 'file', does: 'list', body: 'none', costs: 'nothing' },
  ...readAndRemove('anthropic', '/v1/files/{id}', 'file'),
  { ...bytesOf('anthropic', '/v1/files/{id}/content', 'file') },
]

const anthropicBatches: readonly CarriedRoute[] = [
  {
    family: 'anthropic',
    method: 'POST',
    path: '/v1/messages/batches',
    kind: 'batch',
    does: 'make',
    body: 'batch',
    costs: 'batches',
  },
  {
    family: 'anthropic',
    method: 'GET',
    path: '/v1/messages/batches',
    kind: 'batch',
    does: 'list',
    body: 'none',
    costs: 'nothing',
  },
  ...readAndRemove('anthropic', '/v1/messages/batches/{id}', 'batch'),
  {
    family: 'anthropic',
    method: 'POST',
    path: '/v1/messages/batches/{id}/cancel',
    kind: 'batch',
    does: 'change',
    body: 'json',
    costs: 'nothing',
  },
  { ...bytesOf('anthropic', '/v1/messages/batches/{id}/results', 'batch'), settles: 'results' },
]

const geminiFiles: readonly CarriedRoute[] = [
  {
    family: 'gemini',
    method: 'POST',
    path: '/upload/v1beta/files',
    kind: 'file',
    does: 'bring',
    body: 'bytes',
    costs: 'nothing',
  },
  {
    family: 'gemini',
    method: 'GET',
    path: '/v1beta/files',
    kind: 'file',
    does: 'list',
    body: 'none',
    costs: 'nothing',
  },
  ...readAndRemove('gemini', '/v1beta/files/{id}', 'file'),
  { ...bytesOf('gemini', '/v1beta/files/{id}:download', 'file') },
]

const geminiCaches: readonly CarriedRoute[] = [
  {
    family: 'gemini',
    method: 'POST',
    path: '/v1beta/cachedContents',
    kind: 'cache',
    does: 'make',
    body: 'json',
    costs: 'caches',
  },
  {
    family: 'gemini',
    method: 'GET',
    path: '/v1beta/cachedContents',
    kind: 'cache',
    does: 'list',
    body: 'none',
    costs: 'nothing',
  },
  ...readAndRemove('gemini', '/v1beta/cachedContents/{id}', 'cache'),
  {
    family: 'gemini',
    method: 'PATCH',
    path: '/v1beta/cachedContents/{id}',
    kind: 'cache',
    does: 'change',
    body: 'json',
    costs: 'caches',
  },
]

/** Batches of calls that come inline; `batches/ID` is what one is called. */
const geminiBatches: readonly CarriedRoute[] = [
  ...geminiBatchMethods.map((method): CarriedRoute => ({
    family: 'gemini',
    method: 'POST',
    path: `/v1beta/models/{model}:${method}`,
    kind: 'batch',
    does: 'make',
    body: 'batch',
    costs: 'batches',
  })),
  {
    family: 'gemini',
    method: 'GET',
    path: '/v1beta/batches',
    kind: 'batch',
    does: 'list',
    body: 'none',
    costs: 'nothing',
  },
  ...readAndRemove('gemini', '/v1beta/batches/{id}', 'batch').map((route) =>
    route.does === 'read' ? { ...route, settles: 'object' as const } : route,
  ),
  {
    family: 'gemini',
    method: 'POST',
    path: '/v1beta/batches/{id}:cancel',
    kind: 'batch',
    does: 'change',
    body: 'json',
    costs: 'nothing',
  },
]

/** Every path that is carried whole. There is no other door to what providers keep (failures.md B4). */
export const carriedRoutes: readonly CarriedRoute[] = [
  ...openAiResponses,
  ...openAiFiles,
  ...openAiBatches,
  ...keptByOpenAi,
  ...anthropicFiles,
  ...anthropicBatches,
  ...geminiFiles,
  ...geminiCaches,
  ...geminiBatches,
]

/** A route with what stood in the place of its names. */
export interface FoundRoute {
  readonly route: CarriedRoute
  /** As the provider names the object; `undefined` where the path names none. */
  readonly id: string | undefined
  /** What lies in it, and is named too. */
  readonly inner?: string | undefined
  /** Absent: the path names none. */
  readonly model?: { readonly name: string; readonly method: GeminiBatchMethod } | undefined
}

/**
 * @param family of the caller, for paths that two APIs share.
 * @returns `other-method` where the path is known, but not with this method.
 */
export function carriedAt(
  method: string,
  path: string,
  family: CarriedFamily,
): FoundRoute | 'other-method' | undefined {
  if (path === compactPath) return undefined
  // Google's own SDK asks for `/v1` where nothing else is set, and its API answers the same below each of its versions.
  const asGoogles = mayBeGoogles(path, family) ? path.replace(/^(\/upload)?\/v1(?:alpha)?\//, '$1/v1beta/') : path
  const googles = asGoogles === path ? undefined : routeAt(method, asGoogles, 'gemini')
  return googles ?? routeAt(method, path, family)
}

/** A verb of OpenAI's, which is not served, and not the id of a response. */
const compactPath = '/v1/responses/compact'

function mayBeGoogles(path: string, family: CarriedFamily): boolean {
  return family === 'gemini' || path.startsWith('/upload/') || path.startsWith('/v1alpha/')
}

function routeAt(method: string, path: string, family: CarriedFamily): FoundRoute | 'other-method' | undefined {
  let isKnown = false
  for (const route of carriedRoutes) {
    if (route.path === '/v1/files' || route.path.startsWith('/v1/files/') ? route.family !== family : false) continue
    const model = modelAt(route.path, path)
    const names = model ? {} : namesAt(route.path, path)
    if (!names) continue
    isKnown = true
    const { id, inner } = names
    if (route.method === method) return { route, id: id === undefined ? undefined : nameOf(route, id), inner, model }
  }
  return isKnown ? 'other-method' : undefined
}

/** Gemini names objects by their whole path. */
export function nameOf({ family, kind }: Pick<CarriedRoute, 'family' | 'kind'>, id: string): string {
  if (family !== 'gemini') return id
  return `${kind === 'cache' ? 'cachedContents' : kind === 'batch' ? 'batches' : 'files'}/${id}`
}

/** @returns the model that a path names where the pattern has one. */
function modelAt(pattern: string, path: string): FoundRoute['model'] {
  const method = geminiBatchMethods.find((one) => pattern.endsWith(`{model}:${one}`))
  const found = method && modelPath(path, [method])
  return found && { name: found.modelName, method }
}

/** What may stand in a path in place of a name: it ends neither the path nor its segment. */
const idForm = /^[\w-][\w.-]{0,255}$/

/** @returns what stands at `{id}` and `{inner}`; `undefined` where the path is another one. */
function namesAt(pattern: string, path: string): { readonly id?: string; readonly inner?: string } | undefined {
  const places = pattern.split('/')
  const steps = path.split('/')
  if (places.length !== steps.length) return undefined
  const names: { id?: string; inner?: string } = {}
  for (const [at, place] of places.entries()) {
    const step = steps[at] ?? ''
    const [, name, after = ''] = /^\{(id|inner)\}(.*)$/.exec(place) ?? []
    if (name === undefined && place === step) continue
    if (name === undefined || !step.endsWith(after)) return undefined
    const said = step.slice(0, step.length - after.length)
    if (!idForm.test(said)) return undefined
    names[name === 'id' ? 'id' : 'inner'] = said
  }
  return names
}
