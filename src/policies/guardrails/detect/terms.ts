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
  const beginnings = new Set(plain.flatMap((term) => Array.from(term, (_, place) => term.slice(0, place + 1))))
  const longest = Math.max(...plain.map((term) => term.length + 2 * (term.split(' ').length - 1)))
  return {
    kind: 'term',
    find: (text) =>
      Array.from(text.matchAll(pattern), ({ index, 0: found }): Finding => {
        return { kind: 'term', start: index, end: index + found.length }
      }),
    liveFrom: (text) => {
      const tail = text.slice(-longest - 1)
      for (let from = 0; from < tail.length; from += 1)
        if (
          beginnings.has(
            tail
              .slice(from)
              .replaceAll(/\s{1,3}/g, ' ')
              .toLowerCase(),
          )
        )
          return text.length - tail.length + from
      return text.length
    },
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
}
