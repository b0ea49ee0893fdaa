import { runsOf } from '../../runs.ts'
import type { Detector, Finding } from '../detector.ts'
import { before } from '../pattern-detector.ts'
import { runAtEnd } from '../text-end.ts'
import { isPlaceholder } from './vendor-keys.ts'

const passwords =
  'passwo?r?d|passwd|pwd|passphrase|passwort|kennwort|contrase(?:ñ|n)a|mot de passe|senha|пароль|密码|密碼|パスワード'
const names = `${passwords}|secret|secret[_-]?(?:access[_-]?)?key|client[_-]?secret|api[_ -]?key|apikey|access[_-]?key|account[_-]?key|private[_ -]?key|auth[_-]?token|access[_-]?token|refresh[_-]?token|bearer[_-]?token|token|credentials?|(?:signing|encryption|hmac|master|license)[_-]?key|[?&]sig`
/** What stands between a name and its value. */
const assigned = String.raw`["'\]]{0,2}\s{0,3}(?::=|=>|[=:：(]| (?:is|was|ist|es|est)(?= )| value=)\s{0,3}["'\x60]?`

/**
 * A name that promises a secret, and a value that looks like one: long, of mixed signs, and of high entropy. Finds the value.
 * `password: correct horse` is a sentence, and `token = getToken()` is code.
 */
export const secretAssignment: Detector = {
  kind: 'secret-assignment',
  find(text) {
    const findings: Finding[] = []
    for (const [start, runEnd] of valuesIn(text)) {
      let end = Math.min(runEnd, start + longestValue)
      for (let pads = 0; pads < 2 && text[end] === '='; pads += 1) end += 1
      if (isSecret(text.slice(start, end), text, start)) findings.push({ kind: 'secret-assignment', start, end })
    }
    return findings
  },
  liveFrom: (text) => valueAtEnd(text),
}

/** No password that is told from a word is shorter. */
const shortestPassword = 10
const longestValue = 512
const valueAtEnd = runAtEnd(/[\w+/.~!@#$%^&*=-]/, longestValue)
const valuesIn = runsOf(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+/.~!@#$%^&*-',
  shortestPassword,
)

function isSecret(found: string, text: string, start: number): boolean {
  // Most of what is so long is a word.
  if (found.length < keyLength && !/\d/.test(found)) return false
  const words = before(text, start, 64)
  if (found.length < shortestValue) return passwordBefore.test(words) && isPassword(found)
  if (isHexKey(found) && keyBefore.test(words)) return true
  return isMixed(found) && (named.test(words) || optionBefore.test(words)) && isRandom(found)
}

const named = new RegExp(
  String.raw`(?:(?:${names})(?:[_-](?:base|value|\d))?${assigned}|\b(?:bearer|basic)\s{1,3})$`,
  'i',
)
const passwordBefore = new RegExp(`(?:${passwords})${assigned}$`, 'i')
/** `--token abc`: not `-p abc`, which is anything. */
const optionBefore = /(?<![\w-])--?(?:password|passwd|pass|token|secret|api-?key|auth-?token|access-?token)\s["']?$/i

/** The hash of a transaction looks the same as the key of a wallet. */
const keyBefore = /\b(?:private|priv|secret|signing|wallet) ?key\b[^\n]{0,16}$/i
const keyLength = 64
const isHexKey = (value: string) => /^(?:0x)?[\da-f]{64}[.!]?$/i.test(value)

/** Nothing else that is random is shorter, but passwords are. */
const shortestValue = 16
/** In bits for each sign: words of a language stay below 3.2 or have no digits among them. */
const leastEntropy = 3.2

/** Letters and digits, and neither words nor code. */
function isMixed(value: string): boolean {
  if (!/[A-Za-z]/.test(value) || !(/\d.*\d/.test(value) || (/\d/.test(value) && isShuffled(value)))) return false
  // A call, a path, a name with points: code.
  return !/^[A-Za-z_]{1,64}\.[A-Za-z_]/.test(value) && !/^[a-z]{1,24}(?:[-_][a-z\d]{1,12}){0,40}$/.test(value)
}

function isRandom(value: string): boolean {
  return !isPlaceholder(value) && entropyOf(value) >= leastEntropy
}

/** Short, and yet no word with a year after it. */
function isPassword(value: string): boolean {
  return (
    /[A-Z]/.test(value) &&
    /[a-z]/.test(value) &&
    /\d.*\d/.test(value) &&
    !/^[A-Za-z]+[\d!]+$/.test(value) &&
    !/[/.(]/.test(value) &&
    isRandom(value)
  )
}

/** Large and small letters take turns as they do by chance, and hardly where each word has a large one. */
function isShuffled(value: string): boolean {
  const turns = value.match(/[a-z](?=[A-Z])|[A-Z](?=[a-z])/g)?.length ?? 0
  return turns >= 0.4 * (value.length - 1)
}

function entropyOf(text: string): number {
  const counts = new Map<string, number>()
  for (const sign of text) counts.set(sign, (counts.get(sign) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}
