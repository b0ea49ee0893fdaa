import { isUtf8 } from 'node:buffer'
import type { JsonObject } from '../../canonical/json.ts'

/** A text that stands in a body as base64. */
export interface EncodedText {
  readonly text: string
  /** The same place with another text in it. */
  readonly encoded: (text: string) => string
}

/** Types of text, as media types, and as the formats that Bedrock's documents have. */
const textType =
  /^(?:text\/[\w.+-]+|application\/(?:[\w.-]+\+)?(?:json|xml|yaml|x-yaml|x-ndjson|jsonl|javascript|csv|rtf|sql|toml|x-sh)|txt|md|csv|html)(?:;|$)/i
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
 * The text of a document that came as base64, or as a data URL. `undefined`: it is neither, or no text. Where its bytes are no UTF-8 they are read
 * as UTF-16, or each as a sign of Latin-1: patterns are seen all the same, and nothing else of it changes.
 * @param mediaType that an object around it tells.
 */
export function encodedText(value: string, mediaType: string | undefined): EncodedText | undefined {
  const url = value.startsWith('data:') ? dataUrl.exec(value) : null
  if (url) {
    const [lead, type = ''] = url
    if (type !== '' && !textType.test(type)) return undefined
    if (/;base64,$/i.test(lead)) return ofBase64(value.slice(lead.length), (text) => lead + text)
    const plain = fromUrl(value.slice(lead.length))
    return plain === undefined ? undefined : { text: plain, encoded: (text) => lead + encodeURIComponent(text) }
  }
  return mediaType !== undefined && textType.test(mediaType) ? ofBase64(value, (text) => text) : undefined
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

function ofBase64(base64: string, placed: (base64: string) => string): EncodedText | undefined {
  if (base64.length < 4) return undefined
  const bytes = bytesOfBase64(base64) ?? bytesOfBase64(base64.replaceAll(/\s/g, ''))
  if (!bytes) return undefined
  const charset = charsetOf(bytes)
  // What decodes to no text was no base64: a number, a word.
  if (charset === 'latin1' && !isMostlyAscii(bytes)) return undefined
  return {
    text: textIn(bytes, charset),
    encoded: (text) =>
      placed(
        (charset === 'utf16be' ? Buffer.from(text, 'utf16le').swap16() : Buffer.from(text, charset)).toString('base64'),
      ),
  }
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
