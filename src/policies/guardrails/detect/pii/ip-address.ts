import { isIPv4, isIPv6 } from 'node:net'
import { before, patternDetector } from '../pattern-detector.ts'

/** IPv4 and IPv6 addresses, but for those that are the same on every machine (loopback, unspecified, broadcast). */
export const ipAddress = patternDetector({
  kind: 'ip-address',
  isOneWord: true,
  hint: /\d\.\d{1,3}\.\d{1,3}\.\d|::|(?::[\dA-Fa-f]{1,4}){6}/,
  pattern:
    /(?<![\w.:-])(?:\d{1,3}(?:\.\d{1,3}){3}(?=:\d{2,5}(?![\d:.])|(?![\w:]|\.\w))|(?:[\da-f]{0,4}:){2,7}(?:[\da-f]{1,4}|\d{1,3}(?:\.\d{1,3}){3})?(?![\w:]|\.\w))/gi,
  accepts: (found, text, start) =>
    found.includes(':') ? isToldIpv6(found) : isToldIpv4(found, before(text, start, 32)),
  live: /(?<![\w.:-])[\da-f.:]{1,45}$/i,
  longestLive: 45,
})

function isToldIpv4(found: string, words: string): boolean {
  if (!isIPv4(found) || /^(?:127\.|0\.0\.0\.0$|255\.)/.test(found)) return false
  // Four numbers with points between them are versions too, also of browsers: `Chrome/120.0.0.0`.
  if (/[a-z]\/$/i.test(words) && !/:\/\/\S*$/.test(words)) return false
  if (/\b(?:v|ver|version|release|build|upgrade|section|chapter)(?: is| was)?[ .:]*$/i.test(words))
    return /[2-9]\d{2}|\d{3}\./.test(found)
  return !/\b(?:from|to)[ .:]*$/i.test(words) || found.split('.').some((part) => Number(part) > 30)
}

/** `a::b` is a name of C++ and a valid address: only what looks like nothing else is taken for one. */
function isToldIpv6(found: string): boolean {
  if (!isIPv6(found) || found === '::' || found === '::1') return false
  const groups = found.split(':').filter((group) => group !== '')
  return groups.length === 8 || (groups.length >= 2 && /\d/.test(found) && groups.some(({ length }) => length >= 3))
}
