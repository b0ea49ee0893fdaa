/** Signs that look like Latin letters (Unicode's confusables, the common ones of Cyrillic and Greek). */
const lookalikes: Readonly<Record<string, string>> = {
  а: 'a',
  е: 'e',
  о: 'o',
  р: 'p',
  с: 'c',
  у: 'y',
  х: 'x',
  і: 'i',
  ј: 'j',
  ѕ: 's',
  һ: 'h',
  ԁ: 'd',
  ո: 'n',
  α: 'a',
  ο: 'o',
  ν: 'v',
  ρ: 'p',
  τ: 't',
  ι: 'i',
  κ: 'k',
}
const lookalike = /[аеорсухіјѕһԁոαονρτικ]/g
const hasLookalike = /[аеорсухіјѕһԁոαονρτικ]/
const invisible = /\p{Default_Ignorable_Code_Point}/gu

/** The words of a text as a reader sees them, in small letters: without invisible signs, wide letters, or letters of other scripts that look the same. */
export function plainWords(text: string): string {
  // What most texts are needs none of it.
  if (!/[\u0080-\uffff]/.test(text)) return text.toLowerCase()
  const plain = text.normalize('NFKC').replaceAll(invisible, '').toLowerCase()
  // Among Latin letters only: a Russian sentence is Russian.
  return hasLookalike.test(plain) && /[a-z]/.test(plain)
    ? plain.replaceAll(/[\p{L}\p{N}]*[a-z][\p{L}\p{N}]*|[\p{L}\p{N}]+(?=[a-z])/gu, (word) =>
        word.replaceAll(lookalike, (sign) => lookalikes[sign] ?? sign),
      )
    : plain
}
