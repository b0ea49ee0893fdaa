import { textHash } from '../../shared/translation/text-hash.ts'

/**
 * Anthropic takes tool names of letters, digits, `_` and `-`; other dialects take dots and colons too. A character that
 * is not legal is written as `_0x2e_`, its code point, so that the name in the answer can be put back without remembering
 * the call. Where a name looks so already, or would once its next character is written, its underscore is written that way.
 */
export function legalName(name: string): string {
  return name
    .replace(/_0x(?=[0-9a-f]{1,6}[^a-zA-Z0-9-])/g, '_0x5f_0x')
    .replace(/[^a-zA-Z0-9_-]/gu, (character) => `_0x${(character.codePointAt(0) ?? 0).toString(16)}_`)
}

/** The name as the caller wrote it. */
export function restoredName(name: string): string {
  if (!name.includes('_0x')) return name
  return name.replace(/_0x([0-9a-f]{1,6})_/g, (escaped, code: string) => {
    const codePoint = Number.parseInt(code, 16)
    return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : escaped
  })
}

/** `^[a-zA-Z0-9_-]{1,128}$`, as Anthropic's own refusal tells it (2026). */
export function isLegalLength(name: string): boolean {
  return name !== '' && name.length <= longestName
}

const longestName = 128

/** Ids pair uses with results within one body, and nobody sees them again: it is enough that equal ones stay equal. */
export function legalId(id: string): string {
  return /^[a-zA-Z0-9_-]+$/.test(id) ? id : `${id.replace(/[^a-zA-Z0-9_-]/g, '_')}_${textHash(id)}`
}
