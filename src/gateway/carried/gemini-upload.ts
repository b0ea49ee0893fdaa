import { GatewayError } from '../../canonical/error.ts'
import { readJsonBody } from '../../wire/json-body.ts'
import { refuseSteering } from '../refuse-steering.ts'
import type { AnswerHead } from './carried-answer.ts'
import type { CarriedExchange } from './carried-exchange.ts'
import type { NamedObject } from './own-objects.ts'
import { plainBody, type CarriedBody } from './carried-body.ts'

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

/**
 * Reads a part of an upload: its beginning tells of the file, what follows is the file itself.
 * @param named the upload, where it has begun.
 * @throws GatewayError `invalid_request`, `unsupported`.
 */
export function readUploadPart(exchange: CarriedExchange, named: readonly NamedObject[], bytes: Buffer): CarriedBody {
  const { headers } = exchange
  const around = fileNameOf(exchange)
  if (named.length > 0)
    return {
      ...plainBody(named, bytes),
      around,
      wordedFor: async () => ({
        bytes,
        contentType: headers.one('content-type') ?? anyBytes,
        // Google's SDK says JSON of everything.
        judged: { bytes, contentType: anyBytes },
      }),
    }
  if (headers.one('x-goog-upload-protocol') !== 'resumable')
    throw new GatewayError('unsupported', 'files are sent with `x-goog-upload-protocol: resumable` here')
  if (bytes.length === 0) return { ...plainBody(named, bytes), around }
  const { value, scan } = readJsonBody(bytes, () => false)
  refuseSteering(bytes, value, scan, () => false)
  const { file } = value
  // Names are one for all who share an account: whoever chooses one learns what others have.
  if (typeof file === 'object' && file !== null && 'name' in file)
    throw new GatewayError('unsupported', 'the name of a file is the provider’s to choose: leave `file.name` out', {
      param: 'file.name',
    })
  return { ...plainBody(named, bytes), around }
}

const anyBytes = 'application/octet-stream'

/** It comes in a header, and is judged as if it stood in the body: as it is written, and as it may be meant. */
function fileNameOf({ headers }: CarriedExchange): readonly Buffer[] {
  const name = headers.one(fileNameHeader)
  return name === undefined ? [] : [Buffer.from(JSON.stringify({ [fileNameHeader]: [name, decoded(name)] }))]
}

const fileNameHeader = 'x-goog-upload-file-name'

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
