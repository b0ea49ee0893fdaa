import { isUtf8 } from 'node:buffer'
import type { JsonObject } from '../../canonical/json.ts'

/** A text that stands in a body as base64, or as a data URL. */
export interface EncodedText {
  /** It says that it is a text, and one reader may take another from it than the next: what it says nobody knows. */
  readonly isUnread?: true
  readonly text: string
  /** The same place with another text in it. */
  readonly encoded: (text: string) => string
}

/** Types of text, as media types, and as the formats that Bedrock's documents have. */
const textType =
  /^\s*(?:text(?:\/[\w.+-]+)?|application\/(?:[\w.-]+\+)?(?:json|xml|yaml|x-yaml|x-ndjson|jsonl|javascript|csv|rtf|sql|toml|x-sh)|txt|md|csv|html)\s*(?:;|$)/i
/** Types that hold no text, in the same ways. */
const binaryType =
  /^\s*(?:(?:image\/(?!svg)|audio\/|video\/|font\/|application\/(?:pdf|zip|gzip|msword|vnd\.|x-pdf|x-zip|x-7z|x-tar|wasm))|(?:png|jpe?g|gif|webp|pdf|docx?|xlsx?|wav|mp3|flac|opus|aac|ogg|mp4|webm|mov|mkv|mpe?g|flv|wmv|three_gp|pcm\w*|g711_\w+)$)/i
const dataUrl = /^data:([^,;]{0,127})(?:;[^,;]{1,127}){0,8},/i

/** How a member says which type another has: OpenAI's and Gemini's spellings, Anthropic's, Bedrock's. */
const typeMembers = ['media_type', 'mediaType', 'mimeType', 'mime_type', 'format'] as const

/** The type that an object tells of what it holds. */
export function typeToldBy(value: JsonObject): string | undefined {
  for (const member of typeMembers) {
    const type = value[member]
    if (typeof type === 'string') return type
  }
  return undefined
}

/**
 * The text of a document that came as base64, or as a data URL. `undefined`: it is neither, or no text. Where the bytes of what says that it
 * is a text are no UTF-8 they are read as UTF-16, or each as a sign of Latin-1: patterns are seen all the same, and nothing else of it changes.
 * @param mediaType of a file, that an object around it tells; empty where none does. `undefined`: it is no file.
 */
export function encodedText(value: string, mediaType: string | undefined): EncodedText | undefined {
  const url = value.startsWith('data:') ? dataUrl.exec(value) : null
  if (url) {
    const [lead, type = ''] = url
    const isText = type === '' || textType.test(type)
    if (!isText && binaryType.test(type)) return undefined
    if (/;\s*base64,$/i.test(lead)) return ofBase64(value.slice(lead.length), isText, (text) => lead + text)
    const plain = fromUrl(value.slice(lead.length))
    return plain === undefined ? undefined : { text: plain, encoded: (text) => lead + encodeURIComponent(text) }
  }
  if (mediaType === undefined || binaryType.test(mediaType)) return undefined
  return ofBase64(value, textType.test(mediaType), (text) => text)
}

/** What base64 stands for, of either alphabet. `undefined`: it is none, since something else stands in it as well. */
export function bytesOfBase64(base64: string): Buffer | undefined {
  const signs = base64.length - (/={0,2}$/.exec(base64.slice(-2))?.[0].length ?? 0)
  if (signs % 4 === 1) return undefined
  const bytes = Buffer.from(base64, 'base64')
  // Signs of no alphabet are passed over, and told by what is missing then.
  return bytes.length === Math.floor((signs * 3) / 4) ? bytes : undefined
}

/** The text that the bytes of a file are, in UTF-8 or UTF-16. `undefined`: they are a picture, a sound or the like. */
export function textOfBytes(bytes: Buffer): string | undefined {
  const charset = charsetOf(bytes)
  return charset === 'latin1' ? undefined : textIn(bytes, charset)
}

function textIn(bytes: Buffer, charset: ReturnType<typeof charsetOf>): string {
  return charset === 'utf16be' ? Buffer.from(bytes).swap16().toString('utf16le') : bytes.toString(charset)
}

/** Shorter words are base64 by chance. */
const shortestUntold = 24

/** @param isText it says so: then its charset is no matter, and what cannot be read for sure is told. */
function ofBase64(base64: string, isText: boolean, placed: (base64: string) => string): EncodedText | undefined {
  if (base64.length < (isText ? 4 : shortestUntold)) return undefined
  const bytes = bytesOfBase64(base64) ?? bytesOfBase64(base64.replaceAll(/\s/g, ''))
  if (!bytes) return isText && mayBeRead(base64) ? { text: base64, isUnread: true, encoded: placed } : undefined
  const charset = charsetOf(bytes)
  // What decodes to no text was no base64: a number, a word.
  if (charset === 'latin1' && !(isText && isMostlyAscii(bytes))) return undefined
  if (!isText && charset === 'utf8' && !isMostlyPlain(bytes)) return undefined
  return {
    text: textIn(bytes, charset),
    encoded: (text) =>
      placed(
        (charset === 'utf16be' ? Buffer.from(text, 'utf16le').swap16() : Buffer.from(text, charset)).toString('base64'),
      ),
  }
}

/** Whether base64 with other signs in it is a text to who passes over them, stops at one or begins anew there. */
function mayBeRead(base64: string): boolean {
  const runs = base64.split(/[^A-Za-z0-9+/_-]+/)
  return [runs.join(''), ...runs.filter(({ length }) => length >= 32)].some(
    (read) => read.length >= 16 && isMostlyAscii(Buffer.from(read, 'base64')),
  )
}

/** Controls are of no text. */
function isMostlyPlain(bytes: Buffer): boolean {
  let controls = 0
  for (const byte of bytes) if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) controls += 1
  return controls <= 0.05 * bytes.length
}

/** As a text of a Latin script is, in any old charset. */
function isMostlyAscii(bytes: Buffer): boolean {
  let ascii = 0
  for (const byte of bytes) if ((byte >= 32 && byte < 127) || byte === 9 || byte === 10 || byte === 13) ascii += 1
  return ascii >= 0.75 * bytes.length
}

function charsetOf(bytes: Buffer): 'utf8' | 'utf16le' | 'utf16be' | 'latin1' {
  if (bytes.length % 2 === 0) {
    if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf16le'
    if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf16be'
    // Without a mark: every other byte of ASCII is nought.
    if (bytes.length > 3 && bytes[1] === 0 && bytes[3] === 0) return 'utf16le'
    if (bytes.length > 3 && bytes[0] === 0 && bytes[2] === 0) return 'utf16be'
  }
  return isUtf8(bytes) ? 'utf8' : 'latin1'
}

function fromUrl(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch (thrown) {
    if (thrown instanceof URIError) return undefined
    throw thrown
  }
}
