/**
 * A guard's word for what it saw as a kind of ours: small letters, digits and dashes. `EMAIL_ADDRESS` is `email-address`, `SelfHarm`
 * `self-harm`, `hate/threatening` `hate-threatening`.
 * @param otherwise where nothing is left of the word, as of one in another script.
 */
export function kindOf(word: string, otherwise: string): string {
  const kind = word
    .slice(0, longestWord)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, longestKind)
    .replaceAll(/^-|-$/g, '')
  return kind === '' ? otherwise : kind
}

const longestWord = 200
/** As placeholders and records have it. */
const longestKind = 63
