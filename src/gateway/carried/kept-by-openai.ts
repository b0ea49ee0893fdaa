import { bytesOf, readAndRemove, type CarriedRoute } from './carried-route.ts'

/** What is in something of the caller's own is read there, and is its own as well: such lists are the provider's. */
const inside = { family: 'openai', body: 'none', costs: 'nothing' } as const
const posted = { family: 'openai', method: 'POST', body: 'json', costs: 'nothing' } as const

/** A file sent in parts (API description 2.3.0, Uploads). */
const uploads: readonly CarriedRoute[] = [
  { ...posted, path: '/v1/uploads', kind: 'upload', does: 'make' },
  { ...posted, path: '/v1/uploads/{id}/parts', kind: 'upload', does: 'change', body: 'bytes' },
  { ...posted, path: '/v1/uploads/{id}/complete', kind: 'upload', does: 'change', brings: ['file'] },
  { ...posted, path: '/v1/uploads/{id}/cancel', kind: 'upload', does: 'change' },
]

const store = '/v1/vector_stores/{id}'
const taken = ['file_ids', 'files'] as const

const vectorStores: readonly CarriedRoute[] = [
  {
    ...posted,
    path: '/v1/vector_stores',
    kind: 'store',
    does: 'make',
    costs: 'vectorStores',
    mayTake: taken,
  },
  { ...inside, method: 'GET', path: '/v1/vector_stores', kind: 'store', does: 'list' },
  ...readAndRemove('openai', store, 'store'),
  { ...posted, path: store, kind: 'store', does: 'change' },
  { ...posted, path: `${store}/search`, kind: 'store', does: 'change' },
  { ...posted, path: `${store}/files`, kind: 'store', does: 'change', takes: ['file_id'] },
  { ...inside, method: 'GET', path: `${store}/files`, kind: 'store', does: 'read' },
  { ...inside, method: 'GET', path: `${store}/files/{inner}`, kind: 'store', does: 'read', innerKind: 'file' },
  { ...posted, path: `${store}/files/{inner}`, kind: 'store', does: 'change', innerKind: 'file' },
  { ...inside, method: 'DELETE', path: `${store}/files/{inner}`, kind: 'store', does: 'change', innerKind: 'file' },
  { ...inside, method: 'GET', path: `${store}/files/{inner}/content`, kind: 'store', does: 'read', innerKind: 'file' },
  { ...posted, path: `${store}/file_batches`, kind: 'store', does: 'change', mayTake: taken },
  { ...inside, method: 'GET', path: `${store}/file_batches/{inner}`, kind: 'store', does: 'read' },
  { ...posted, path: `${store}/file_batches/{inner}/cancel`, kind: 'store', does: 'change' },
  { ...inside, method: 'GET', path: `${store}/file_batches/{inner}/files`, kind: 'store', does: 'read' },
]

const container = '/v1/containers/{id}'

const containers: readonly CarriedRoute[] = [
  {
    ...posted,
    path: '/v1/containers',
    kind: 'container',
    does: 'make',
    costs: 'containers',
    mayTake: taken,
  },
  { ...inside, method: 'GET', path: '/v1/containers', kind: 'container', does: 'list' },
  ...readAndRemove('openai', container, 'container'),
  // A form with a file, or JSON that names one.
  { ...posted, path: `${container}/files`, kind: 'container', does: 'change', body: 'bytes', mayTake: ['file_id'] },
  { ...inside, method: 'GET', path: `${container}/files`, kind: 'container', does: 'read' },
  { ...inside, method: 'GET', path: `${container}/files/{inner}`, kind: 'container', does: 'read' },
  { ...inside, method: 'DELETE', path: `${container}/files/{inner}`, kind: 'container', does: 'change' },
  bytesOf('openai', `${container}/files/{inner}/content`, 'container'),
]

const conversation = '/v1/conversations/{id}'

const conversations: readonly CarriedRoute[] = [
  { ...posted, path: '/v1/conversations', kind: 'conversation', does: 'make', holdsItems: true },
  ...readAndRemove('openai', conversation, 'conversation'),
  { ...posted, path: conversation, kind: 'conversation', does: 'change' },
  {
    ...posted,
    path: `${conversation}/items`,
    kind: 'conversation',
    does: 'change',
    holdsItems: true,
    listsItems: 'item',
  },
  { ...inside, method: 'GET', path: `${conversation}/items`, kind: 'conversation', does: 'read', listsItems: 'item' },
  { ...inside, method: 'GET', path: `${conversation}/items/{inner}`, kind: 'conversation', does: 'read' },
  { ...inside, method: 'DELETE', path: `${conversation}/items/{inner}`, kind: 'conversation', does: 'change' },
]

/** What OpenAI keeps besides responses, files and batches. */
export const keptByOpenAi: readonly CarriedRoute[] = [...uploads, ...vectorStores, ...containers, ...conversations]
