/**
 * Clients hand thoughts back with the signature they were given, and only the model that signed can read it. A client of one
 * dialect may be given thoughts that were signed in another: their signature says so by a mark, so that it finds back to its
 * own dialect, and is never sent to a provider that would refuse the whole call for it.
 */
export interface Signed {
  /** OpenRouter's published name, such as `openai-responses-v1`. `undefined`: whoever wrote it did not say. */
  readonly format: string | undefined
  /** The signature, or the encrypted thought, as its own dialect has it. */
  readonly signature: string
}

export function markSignature({ format, signature }: Signed): string {
  return `${opening}${format ?? ''}:${signature}`
}

/** @returns `undefined` for a signature without a mark: it is in the wording it came in. */
export function readMarkedSignature(text: string): Signed | undefined {
  if (!text.startsWith(opening)) return undefined
  const end = text.indexOf(':', opening.length)
  if (end < 0) return undefined
  const format = text.slice(opening.length, end)
  return { format: format === '' ? undefined : format, signature: text.slice(end + 1) }
}

const opening = 'weir-signed:'
