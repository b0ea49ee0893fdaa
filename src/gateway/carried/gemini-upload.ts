import type { AnswerHead } from './carried-answer.ts'
import type { CarriedExchange } from './carried-exchange.ts'

/**
 * Gemini's resumable uploads: the first call is answered with an address at the provider, to which the client then sends the file
 * (Google's guide on uploading files, read 2026-11). The client is told ours instead, which names the upload.
 */
export interface Upload {
  readonly id: string
  /** What the client is told. */
  readonly headers: readonly string[]
}

const passed = [
  'x-goog-upload-protocol',
  'x-goog-upload-command',
  'x-goog-upload-offset',
  'x-goog-upload-header-content-length',
  'x-goog-upload-header-content-type',
  'x-goog-upload-file-name',
] as const

/** Of the client's headers, those that are part of the upload. */
export function uploadHeaders({ headers }: CarriedExchange): Readonly<Record<string, string>> {
  return Object.fromEntries(
    passed.flatMap((name) => {
      const value = headers.one(name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** @returns `undefined` where the answer begins no upload. */
export function uploadOf({ carried }: CarriedExchange, head: AnswerHead): Upload | undefined {
  const address = URL.parse(head.header('x-goog-upload-url') ?? '')
  const id = address?.searchParams.get('upload_id')
  if (!address || !id) return undefined
  return { id, headers: ['x-goog-upload-url', `${carried.origin}${carried.path}${address.search}`] }
}

/**
 * How far an upload is, for each of its parts: clients go on from there, also when they begin anew, and size their parts by what is
 * asked of them.
 */
export function statusOf(head: AnswerHead): readonly string[] {
  return toldOfUpload.flatMap(([name, form]) => {
    const told = head.header(name)
    return told !== undefined && form.test(told) ? [name, told] : []
  })
}

const toldOfUpload = [
  ['x-goog-upload-status', /^\w{1,32}$/],
  ['x-goog-upload-size-received', /^\d{1,16}$/],
  ['x-goog-upload-chunk-granularity', /^\d{1,16}$/],
] as const
