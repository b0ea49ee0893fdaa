import type { Detector, Finding } from '../detector.ts'

const opening = /-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----/g
const closing = /-----END (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----/g
const live = /-(?:-{0,4}(?:B(?:E(?:G(?:I(?:N(?: [A-Z0-9 ]{0,60}-{0,5})?)?)?)?)?)?)?$/

/** Private keys in PEM (RFC 7468), from the first line to the last; without a last line, to where the text ends. */
export const privateKey: Detector = {
  kind: 'private-key',
  find(text) {
    const findings: Finding[] = []
    if (!text.includes('PRIVATE KEY')) return findings
    let from = 0
    for (const { index: start, 0: line } of text.matchAll(opening)) {
      if (start < from) continue
      closing.lastIndex = start + line.length
      const end = closing.exec(text) ? closing.lastIndex : text.length
      // A page that only names the line has nothing after it.
      if (/[A-Za-z\d+/=]{16}/.test(text.slice(start + line.length, Math.min(end, start + line.length + 2_000))))
        findings.push({ kind: 'private-key', start, end })
      from = end
    }
    return findings
  },
  liveFrom(text) {
    const start = text.lastIndexOf('-----BEGIN ')
    if (start !== -1 && /^-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY/.test(text.slice(start, start + 80))) {
      closing.lastIndex = start
      if (!closing.test(text)) return start
    }
    const from = Math.max(0, text.length - 80)
    const match = live.exec(text.slice(from))
    return match ? from + match.index : text.length
  },
  closeOf(text) {
    closing.lastIndex = 0
    return closing.test(text) ? closing.lastIndex : undefined
  },
}
