import { lastWordFrom } from '../text-end.ts'
import type { Detector, Finding } from '../detector.ts'

/** RFC 5321. */
const longestLocal = 64
const longestDomain = 255

const isLocal = /[\p{L}\p{N}._%+'-]/u
const domain = /(?:[\p{L}\p{N}][\p{L}\p{N}-]{0,62}\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}])/uy
const live = /[\p{L}\p{N}._%+'@-]{1,320}(?:"(?:@[\p{L}\p{N}.-]{0,255})?)?$/u

/** Addresses of e-mail, from each `@` to both sides. Of a quoted local part with spaces, the last word. */
export const email: Detector = {
  kind: 'email',
  find(text) {
    const findings: Finding[] = []
    for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
      const end = domainEnd(text, at + 1)
      if (end === undefined) continue
      const start = localStart(text, at)
      if (start < at && isAddress(text, start, end)) findings.push({ kind: 'email', start, end })
    }
    return findings
  },
  liveFrom(text) {
    const from = lastWordFrom(text, 2 * longestLocal + 2 * longestDomain)
    const match = live.exec(text.slice(from))
    return match ? from + match.index : text.length
  },
}

function domainEnd(text: string, from: number): number | undefined {
  domain.lastIndex = from
  const match = domain.exec(text)
  return match && match[0].length <= longestDomain ? domain.lastIndex : undefined
}

function localStart(text: string, at: number): number {
  let start = text[at - 1] === '"' ? at - 1 : at
  while (start > 0 && at - start < longestLocal && isLocal.test(text[start - 1] ?? '')) start -= 1
  // A quote or a dash before it is the sentence's own.
  while (start < at && /['."-]/.test(text[start] ?? '')) start += 1
  return start
}

/** Not who logs in somewhere (`https://user:word@host.example`), nor whose repository it is (`git@host.example:team/x`). */
function isAddress(text: string, start: number, end: number): boolean {
  if (/\/\/[^\s/]*$/.test(text.slice(Math.max(0, start - 100), start))) return false
  return !(text[end] === ':' && /^(?:git|hg)@/.test(text.slice(start, end)))
}
