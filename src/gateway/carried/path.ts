import type { Destination } from './destination.ts'

/** How clients' paths begin. */
const versions = ['/v1', '/v1beta', '/v1alpha'] as const

/** The same path at the provider. Uploads stand beside the version there, and not below it. */
export function upstreamPath({ basePath }: Destination, path: string, query: string): string {
  const isUpload = path.startsWith(uploads)
  const below = isUpload ? path.slice(uploads.length) : path
  const version = versions.find((one) => below.startsWith(`${one}/`)) ?? ''
  const base = isUpload ? basePath.replace(/\/v1(?:beta|alpha)?$/, (tail) => `${uploads}${tail}`) : basePath
  const at = `${base}${below.slice(version.length)}`
  return query === '' ? at : `${at}?${query}`
}

const uploads = '/upload'
