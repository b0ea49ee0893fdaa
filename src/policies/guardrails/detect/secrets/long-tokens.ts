/** No key is shorter; hardly a word of a language is so long. */
const shortestToken = 20
/** Nothing that is looked for within one token is longer. */
const longestToken = 1_024

/** Signs of keys and tokens: letters, digits and `_./+=:-`. */
const isOfToken = new Uint8Array(128)
for (const sign of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./+=:-')
  isOfToken[sign.charCodeAt(0)] = 1

/** Every row of such signs that is long enough to be a key: where it begins and ends. By hand, since it is asked of every text. */
export function longTokens(text: string): readonly (readonly [start: number, end: number])[] {
  const tokens: [number, number][] = []
  let start = 0
  for (let place = 0; place <= text.length; place += 1) {
    if (place < text.length && isOfToken[text.charCodeAt(place)] === 1) continue
    if (place - start >= shortestToken) tokens.push([start, place])
    start = place + 1
  }
  return tokens
}

/** Where the last run of signs without a space or a quote begins: what cannot be told before it is whole. */
export function tokenStart(text: string): number {
  const match = /[^\s"'`<>(){}[\],;|]{1,1024}$/.exec(text.slice(-longestToken))
  return match ? text.length - match[0].length : text.length
}
