import type { Detector, Finding } from './detector.ts'

/** Words and phrases of an operator: whole words, in large or small letters, with one to three spaces where they have one. */
export function termsDetector(terms: readonly string[]): Detector {
  const plain = terms.map((term) => term.trim().replaceAll(/\s+/g, ' ').toLowerCase())
  const spelled = plain.map((term) =>
    term
      .split(' ')
      .map(escaped)
      .join(String.raw`\s{1,3}`),
  )
  const pattern = new RegExp(String.raw`(?<![\p{L}\p{N}_])(?:${spelled.join('|')})(?![\p{L}\p{N}_])`, 'giu')
  // The beginning of a term, and all of it, where a word begins and the text ends.
  const live = new RegExp(String.raw`(?<![\p{L}\p{N}_])(?:${plain.map(beginningOf).join('|')})$`, 'iu')
  const longest = Math.max(...plain.map((term) => term.length + 2 * (term.split(' ').length - 1)))
  return {
    kind: 'term',
    find: (text) =>
      Array.from(text.matchAll(pattern), ({ index, 0: found }): Finding => {
        return { kind: 'term', start: index, end: index + found.length }
      }),
    liveFrom: (text) => {
      const from = Math.max(0, text.length - longest - 1)
      const match = live.exec(text.slice(from))
      return match ? from + match.index : text.length
    },
  }
}

/** `to` is `t(?:o)?`: whatever a term begins with. */
function beginningOf(term: string): string {
  return Array.from(term, (sign) => (sign === ' ' ? String.raw`\s{1,3}` : escaped(sign))).reduceRight(
    (rest, sign) => (rest === '' ? sign : `${sign}(?:${rest})?`),
    '',
  )
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
}
