import { before, patternDetector } from '../pattern-detector.ts'
import { isPlaceholder } from './vendor-keys.ts'

const names =
  'passwo?r?d|passwd|pwd|passphrase|secret|secret[_-]?(?:access[_-]?)?key|client[_-]?secret|api[_-]?key|apikey|access[_-]?key|account[_-]?key|private[_-]?key|auth[_-]?token|access[_-]?token|refresh[_-]?token|bearer[_-]?token|token|credentials?|signing[_-]?key|encryption[_-]?key'

/**
 * A name that promises a secret, and a value that looks like one: long, of mixed signs, and of high entropy. Finds the value.
 * `password: correct horse` is a sentence, and `token = getToken()` is code.
 */
export const secretAssignment = patternDetector({
  kind: 'secret-assignment',
  pattern: /(?<=[=:>]\s{0,3}["'\x60]?|\b(?:bearer|basic)\s{1,3})[\w+/.~!@#$%^&*-]{16,512}={0,2}/gi,
  accepts: (found, text, start) => named.test(before(text, start, 64)) && isRandom(found),
  live: /[\w+/.~!@#$%^&*=-]{1,512}$/,
  longestLive: 512,
})

const named = new RegExp(
  String.raw`(?:(?:${names})["'\]]{0,2}\s{0,3}(?::=|=>|[=:])\s{0,3}["'\x60]?|\b(?:bearer|basic)\s{1,3})$`,
  'i',
)

/** In bits for each sign: words of a language stay below 3.2 or have no digits among them. */
const leastEntropy = 3.2

export function isRandom(value: string): boolean {
  if (value.length < 16 || isPlaceholder(value)) return false
  if (!/\d.*\d/.test(value) || !/[A-Za-z]/.test(value)) return false
  // A call, a path, a name with points: code.
  if (/^[A-Za-z_]{1,64}\.[A-Za-z_]/.test(value) || /^[a-z]{1,24}(?:[-_][a-z\d]{1,12}){0,40}$/.test(value)) return false
  return entropyOf(value) >= leastEntropy
}

function entropyOf(text: string): number {
  const counts = new Map<string, number>()
  for (const sign of text) counts.set(sign, (counts.get(sign) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}
