import { patternDetector } from '../pattern-detector.ts'

/** JSON Web Tokens (RFC 7519): a header that says so, in base64url, and two more parts. */
export const jwt = patternDetector({
  kind: 'jwt',
  isOneWord: true,
  hint: /eyJ/,
  pattern: /(?<![\w-])eyJ[\w-]{8,2000}\.[\w-]{8,8000}\.[\w-]{0,2000}(?![\w-])/g,
  accepts: (found) => isJson(Buffer.from(found.slice(0, found.indexOf('.')), 'base64url').toString()),
  live: /(?<![\w-])e(?:y(?:J[\w.-]{0,4096})?)?$/,
  longestLive: 4_096,
})

function isJson(text: string): boolean {
  return /^\{.*"(?:alg|typ|enc)"/s.test(text)
}
