import { crc32 } from 'node:zlib'
import { toBase62 } from './base62.ts'

const idLength = 10
/** 190 random bits. The last four letters, which are shown, are of the checksum and tell at most 24 bits of them. */
const secretLength = 32
const checksumLength = 6
const prefix = 'weir_'
const form = /^weir_([0-9A-Za-z]{10})_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}$/
const bodyLength = prefix.length + idLength + 1 + secretLength
const keyLength = bodyLength + 1 + checksumLength

/** How many letters and digits are drawn for a key, and for the admin's: 256 random bits. */
export const keyLengths = { id: idLength, secret: secretLength, adminSecret: 43 } as const
const adminForm = /weir_admin_[0-9A-Za-z]{43}/

/** A key as it is written: `weir_<id>_<secret>_<checksum>`. */
export function keyText(id: string, secret: string): string {
  const body = `${prefix}${id}_${secret}`
  return `${body}_${checksumOf(body)}`
}

/** The admin's key, where none was given. */
export function adminKeyText(secret: string): string {
  return `${prefix}admin_${secret}`
}

/**
 * Reads the form of a key and its checksum, before anything is hashed or looked up (failures.md A1). Costs the same
 * small time for anything that is not of a key's length.
 * @returns `undefined` for everything that `keyText` cannot have written.
 */
export function parseKey(text: string): { readonly id: string } | undefined {
  if (text.length !== keyLength) return undefined
  const id = form.exec(text)?.[1]
  if (id === undefined || checksumOf(text.slice(0, bodyLength)) !== text.slice(bodyLength + 1)) return undefined
  return { id }
}

/** Whether a whole key that was made here stands anywhere in it: then it is no text for records, logs and messages (failures.md L1). */
export function holdsKey(text: string): boolean {
  if (adminForm.test(text)) return true
  for (let place = text.indexOf(prefix); place !== -1; place = text.indexOf(prefix, place + 1))
    if (parseKey(text.slice(place, place + keyLength)) !== undefined) return true
  return false
}

function checksumOf(body: string): string {
  return toBase62(crc32(body), checksumLength)
}
