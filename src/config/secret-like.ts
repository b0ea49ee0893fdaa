import type { ConfigPath } from './config-path.ts'

/** A longer value is no name that someone mistyped, so showing it helps nobody. */
const shownValueLimit = 60

/** Where a secret is, its first characters show it. */
const judgedLimit = 200

const secretName = /api_?key|secret|passw|token|hash|pepper|credential|private_?key|authorization|headers/i

/** Prefixes that vendors give their keys, JSON web tokens, URLs with a password, and any long unbroken run of letters and digits. */
const secretShape =
  /^sk[-_]\w{4}|^(pk|rk|gsk|xai|hf|ghp|glpat|xox[a-z]|weir)[-_][\w-]{16}|^(bearer|basic) |^(AIza|AKIA|eyJ|hmac:)|\/\/[^/]*:[^/]*@|(?=[a-z]*[0-9])[a-z0-9]{32}/i

/** Whether a value at this place must not be shown, whatever it looks like. */
export function isSecretPath(path: ConfigPath): boolean {
  return path.some((step) => secretName.test(String(step)))
}

/** A name or key for a message. What looks like a secret that was put in the wrong place is masked; characters that play tricks on a terminal are removed. */
export function printable(name: string): string {
  if (secretShape.test(name.slice(0, judgedLimit))) return '***'
  const visible = name.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '\u{FFFD}')
  return visible.length > shownValueLimit ? `${visible.slice(0, shownValueLimit)}...` : visible
}

/** A value as a message may show it: `"opnai"`, `5`, or `this value` where it must not be shown. */
export function shownValue(value: unknown, path: ConfigPath): string {
  if (typeof value === 'number' || typeof value === 'boolean') return isSecretPath(path) ? 'this value' : String(value)
  if (typeof value !== 'string' || isSecretPath(path) || value.length > shownValueLimit || secretShape.test(value))
    return 'this value'
  return `"${printable(value)}"`
}
