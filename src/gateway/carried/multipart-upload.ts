import { GatewayError } from '../../canonical/error.ts'

/** A form as a client sent it, taken apart. */
export interface UploadForm {
  /** By name, each once. */
  readonly fields: ReadonlyMap<string, string>
  /** Each with the name of its part. */
  readonly files: readonly { readonly name: string; readonly file: File }[]
}

/** What a provider is sent: worded anew, so that it reads what was judged and nothing else. */
export interface UploadBody {
  readonly bytes: Buffer
  readonly contentType: string
}

/** Parts of one form. No known API takes more than a handful. */
export const mostParts = 64

/**
 * Takes a `multipart/form-data` body apart.
 * @throws GatewayError `unsupported_media_type`, `invalid_request` when it cannot be read, or names a field twice: two readers may
 *   believe different ones.
 */
export async function readUpload(body: Buffer, contentType: string | undefined): Promise<UploadForm> {
  if (contentType === undefined || !/^multipart\/form-data\b/i.test(contentType))
    throw new GatewayError('unsupported_media_type', 'a file is sent as multipart/form-data')
  const form = await formOf(body, contentType)
  const fields = new Map<string, string>()
  const files: { name: string; file: File }[] = []
  let parts = 0
  for (const [name, value] of form) {
    parts += 1
    if (parts > mostParts) throw new GatewayError('invalid_request', `the form has more than ${mostParts} parts`)
    if (typeof value !== 'string') files.push({ name, file: value })
    else if (fields.has(name))
      throw new GatewayError('invalid_request', `the form has the field ${JSON.stringify(name)} more than once`, {
        param: name,
      })
    else fields.set(name, value)
  }
  return { fields, files }
}

export async function writeUpload({ fields, files }: UploadForm): Promise<UploadBody> {
  const form = new FormData()
  for (const [name, value] of fields) form.append(name, value)
  for (const { name, file } of files) form.append(name, file, file.name)
  const written = new Response(form)
  const contentType = written.headers.get('content-type')
  if (contentType === null) throw new Error('a form without a boundary')
  return { bytes: Buffer.from(await written.arrayBuffer()), contentType }
}

async function formOf(body: Buffer, contentType: string): Promise<FormData> {
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
  } catch (thrown) {
    throw new GatewayError('invalid_request', 'the body is no multipart/form-data that can be read', { cause: thrown })
  }
}
