import type { IdentityHeaders } from '../../policies/identity/identify.ts'

/** One part of a file, or several. */
const range = /^bytes=[\d, -]{1,200}$/
/** Such as `Wed, 21 Oct 2026 07:28:00 GMT` (RFC 9110, 5.6.7). */
const date = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/
/** What stands for one state of a file (RFC 9110, 8.8.3), and several of them, or any. */
const tag = /^(?:W\/)?"[\x21\x23-\x7e]{0,200}"$/
const tags = /^(?:\*|(?:W\/)?"[\x21\x23-\x7e]{0,200}"(?:, *(?:W\/)?"[\x21\x23-\x7e]{0,200}"){0,9})$/

/**
 * What a client says of the part of a file that it wants, or of what it has already: by name. What is said in no plain way is left out,
 * so that the file comes whole.
 */
export function conditionsOf(headers: IdentityHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(
    conditionForms.flatMap(([name, ...forms]) => {
      const said = headers.one(name)
      return said !== undefined && forms.some((form) => form.test(said)) ? [[name, said]] : []
    }),
  )
}

const conditionForms = [
  ['range', range],
  ['if-range', tag, date],
  ['if-none-match', tags],
  ['if-modified-since', date],
] as const

/** What was asked for under a condition has not changed, or has no such part: its head is all of the answer. */
export const notModified = 304
export const noSuchPart = 416

/** How long what was asked for a part of is, where its provider says so (RFC 9110, 14.4). */
export function sizeTold(contentRange: string | undefined): number | undefined {
  const [, size] = /^bytes \*\/(\d{1,15})$/i.exec(contentRange ?? '') ?? []
  return size === undefined ? undefined : Number(size)
}
