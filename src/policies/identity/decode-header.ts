import { isUtf8 } from 'node:buffer'

/**
 * What a client wrote in a header. Node tells each byte as one character, which is right for Latin-1 only, and many clients send
 * UTF-8: bytes that can be UTF-8 are taken for it, so that one text is one label however it was sent.
 * @param told as Node tells it.
 */
export function decodedHeader(told: string): string {
  if (!beyondAscii.test(told)) return told
  const bytes = Buffer.from(told, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : told
}

const beyondAscii = /[\u0080-\u00ff]/
