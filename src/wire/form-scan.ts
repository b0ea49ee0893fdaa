import { GatewayError } from '../canonical/error.ts'

/** One part of a `multipart/form-data` body. Places are in bytes of the body. */
export interface FormPart {
  readonly name: string
  /** `undefined`: a text field. */
  readonly fileName: string | undefined
  /** As the part says it; `undefined` where it does not. */
  readonly contentType: string | undefined
  readonly start: number
  readonly end: number
}

/** More parts, or longer headers of one, than any client of ours sends. */
export const formLimits = { parts: 128, headerBytes: 4_096 } as const

/** The type of forms that are no multipart; queries are written in it too. */
export const urlEncoded = 'application/x-www-form-urlencoded'

/** Whether a content type, with or without parameters, is that of such a form. */
export function isUrlEncoded(contentType: string): boolean {
  return contentType.trimStart().toLowerCase().startsWith(urlEncoded)
}

/**
 * The boundary that a content type names.
 * @returns `undefined` where it is no form.
 * @throws GatewayError `invalid_request` where it is one, and its boundary could be read in two ways.
 */
export function formBoundary(contentType: string | undefined): string | undefined {
  if (contentType === undefined || !/^\s*multipart\/form-data\s*(?:;|$)/i.test(contentType)) return undefined
  const found = [...contentType.matchAll(/;\s*boundary=(?:"([^"\\]*)"|([^\s";,]*))/gi)]
  const [first, another] = found
  const boundary = first?.[1] ?? first?.[2]
  if (boundary === undefined || another !== undefined || !boundaryText.test(boundary))
    throw refused('the content type must name one boundary of at most 70 plain characters')
  return boundary
}

/** RFC 2046, section 5.1.1; a space is allowed there, and sent by nobody. */
const boundaryText = /^[A-Za-z0-9'()+_,./:=?-]{1,70}$/

/**
 * Finds the parts of a form (RFC 7578). Strict, since what is judged here is what the provider reads: nothing before the first
 * boundary or behind the last, CRLF everywhere, plain names, no encodings, and no text field twice, unless its name says
 * that it is a list (`include[]`).
 * @throws GatewayError `invalid_request`.
 */
export function scanForm(bytes: Buffer, boundary: string): readonly FormPart[] {
  const opening = Buffer.from(`--${boundary}`)
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  if (bytes.length === 0) throw refused('the request body is empty; it must be a form')
  if (!bytes.subarray(0, opening.length).equals(opening))
    throw refused('the form does not begin with the boundary that its content type names')
  const parts: FormPart[] = []
  let place = opening.length
  while (!isAt(bytes, place, '--')) {
    if (!isAt(bytes, place, '\r\n')) throw refused('a boundary of the form is not followed by a line end')
    if (parts.length >= formLimits.parts) throw refused(`the form has more than ${formLimits.parts} parts`)
    const headersEnd = bytes.indexOf('\r\n\r\n', place)
    if (headersEnd < 0 || headersEnd - place > formLimits.headerBytes)
      throw refused(
        `the headers of part ${parts.length + 1} of the form do not end within ${formLimits.headerBytes} bytes`,
      )
    const start = headersEnd + 4
    const end = bytes.indexOf(delimiter, headersEnd + 2)
    if (end < 0) throw refused('the form breaks off: its last boundary is missing')
    const headers = bytes.toString('latin1', place + 2, headersEnd)
    parts.push({ ...readHeaders(headers, parts.length + 1), start: Math.min(start, end), end })
    place = end + delimiter.length
  }
  const rest = bytes.toString('latin1', place + 2)
  if (rest !== '' && rest !== '\r\n') throw refused('something follows the last boundary of the form')
  refuseRepeated(parts)
  return parts
}

function isAt(bytes: Buffer, place: number, text: string): boolean {
  return bytes.toString('latin1', place, place + text.length) === text
}

function readHeaders(text: string, number: number): Omit<FormPart, 'start' | 'end'> {
  const headers = new Map<string, string>()
  for (const line of text.split('\r\n')) {
    const [, name = '', value = ''] = /^([A-Za-z-]{1,64}):[ \t]*([\x20-\x7e\x80-\xff\t]*)$/.exec(line) ?? []
    const key = name.toLowerCase()
    if (!knownHeaders.has(key) || headers.has(key))
      throw refused(
        `part ${number} of the form has a header that is not taken here: ${JSON.stringify(line.slice(0, 80))}`,
      )
    headers.set(key, value.trim())
  }
  const encoding = headers.get('content-transfer-encoding')?.toLowerCase() ?? 'binary'
  if (!plainEncodings.has(encoding))
    throw refused(`part ${number} of the form is encoded as ${encoding}; send it as it is`)
  const [, name, fileName] = disposition.exec(headers.get('content-disposition') ?? '') ?? []
  if (name === undefined)
    throw refused(`part ${number} of the form must say content-disposition: form-data; name="...", with a plain name`)
  return { name, fileName, contentType: headers.get('content-type') }
}

const knownHeaders: ReadonlySet<string> = new Set([
  'content-disposition',
  'content-type',
  'content-length',
  'content-transfer-encoding',
])
const plainEncodings: ReadonlySet<string> = new Set(['binary', '8bit', '7bit'])
/** Names as every API has them. A second spelling of a file's name (`filename*`) says nothing that is acted on. */
const disposition =
  /^form-data; ?name="([A-Za-z0-9_.[\]-]{1,100})"(?:; ?filename="([^"]*)"(?:; ?filename\*=[A-Za-z0-9'%._~!#$&+^`|-]*)?)?$/i

function refuseRepeated(parts: readonly FormPart[]): void {
  const seen = new Set<string>()
  for (const { name, fileName } of parts) {
    if (fileName !== undefined || name.endsWith('[]')) continue
    if (seen.has(name) || parts.some((one) => one.name === name && one.fileName !== undefined))
      throw new GatewayError('invalid_request', `the field ${name} is given more than once`, { param: name })
    seen.add(name)
  }
}

/** Sets one text field of a form. */
export interface FormEdit {
  readonly name: string
  readonly value: string
}

/**
 * Sets text fields in the bytes of a form: in place where there is the field, else as a new first part. Every other byte stays.
 * @param parts as `scanForm` found them in these very bytes.
 */
export function spliceForm(
  bytes: Buffer,
  parts: readonly FormPart[],
  boundary: string,
  edits: readonly FormEdit[],
): Buffer {
  if (edits.length === 0) return bytes
  const pieces: Buffer[] = []
  for (const { name, value } of edits)
    if (!parts.some((part) => part.name === name))
      pieces.push(Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`))
  let from = 0
  for (const { name, fileName, start, end } of parts) {
    const edit = fileName === undefined ? edits.findLast((one) => one.name === name) : undefined
    if (!edit) continue
    pieces.push(bytes.subarray(from, start), Buffer.from(edit.value))
    from = end
  }
  pieces.push(bytes.subarray(from))
  return Buffer.concat(pieces)
}

function refused(message: string): GatewayError {
  return new GatewayError('invalid_request', message)
}
