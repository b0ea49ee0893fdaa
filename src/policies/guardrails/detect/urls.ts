import type { Detector, Finding } from './detector.ts'
import { parsed, plainHost, type HostList } from './url-hosts.ts'

export interface UrlRules {
  /** Only these hosts may be named. `undefined`: all but those of `deny`. */
  readonly allow: HostList | undefined
  readonly deny: HostList | undefined
}

/** No more of one is looked at: its host stands before that. */
const longestUrl = 2_048

const sign = String.raw`[^\s<>"'\x60()|\u0000-\u001f]`
/** What stands before a link of Markdown or HTML, and before one whose scheme is on another line, which browsers leave out. */
const links = String.raw`\]\(\s{0,3}<?|\]:\s{1,3}<?|(?:src|href)\s?=\s?\\?["']?|(?:https?|wss?|ftp):[\t\r\n]{1,4}`
/** What stands before the values of all other attributes, of styles and of scripts. */
const strings = String.raw`(?:[=,]|url\()\s{0,3}|["'\x60]`
/**
 * What a client may follow: a scheme and its strokes, which web schemes can do without (`https:example.com`) and JSON writes as `\/`; `www.`;
 * and links of Markdown and HTML that leave out the scheme.
 */
const url = new RegExp(
  String.raw`(?<![a-z\d+.-])(?:(?:https?|wss?|ftp):(?=[\\/]|[\w[%-]{1,255}[.:\]])|[a-z][a-z\d+.-]{1,30}:\\?/\\?/|www\.(?=[^\s.]))${sign}{1,${longestUrl}}` +
    String.raw`|(?<=${links})[\\/]{2,4}(?=[^\s\\/])${sign}{1,${longestUrl}}` +
    String.raw`|(?<=${strings})[\\/]{2,4}(?=[^\s\\/.]{1,63}[.\u3002\uff0e\uff61:]|\[)${sign}{1,${longestUrl}}`,
  'gi',
)
/** Where in a run of such signs one begins, or may. */
const opening = /(?<![a-z\d+.-])(?:[a-z][a-z\d+.-]{1,30}:|www\.)|[=,]\\?(?=[\\/])/i
const scheme = /(?<![a-z\d+.-])[a-z][a-z\d+.-]{0,30}$/i
const linkBefore = new RegExp(`(?:${links}|${strings})$`, 'i')
const isSign = new RegExp(sign)

/**
 * URLs of hosts that are not allowed, or are denied: in texts, links and pictures, and in the values that name them. What cannot be read
 * as a URL has no host that is allowed.
 */
export function urlDetector({ allow, deny }: UrlRules): Detector {
  const isRefused = (text: string): boolean => {
    const read = parsed(withScheme(text))
    if (!read) return allow !== undefined
    const host = plainHost(read)
    // `file:///x` and `data:` name nobody.
    if (host === '') return false
    return deny?.has(host, read.port) === true || allow?.has(host, read.port) === false
  }
  return {
    kind: 'url',
    find(text) {
      const findings: Finding[] = []
      for (const { index: start, 0: found } of text.matchAll(url)) {
        if (start < (findings.at(-1)?.end ?? 0)) continue
        const end = start + withoutPoint(found).length
        if (isRefused(text.slice(start, end))) findings.push({ kind: 'url', start, end })
        else {
          const wide = wideAuthority(text, start)
          if (wide.isOther && isRefused(wide.read)) findings.push({ kind: 'url', start, end: endFrom(text, wide.end) })
        }
      }
      return findings
    },
    liveFrom(text) {
      return Math.min(openFrom(text), runFrom(text))
    },
  }

  /** Where one begins whose authority may not be whole, or that is refused by it and goes on. */
  function openFrom(text: string): number {
    url.lastIndex = Math.max(0, text.length - longestAuthority)
    const found = text.matchAll(url)
    url.lastIndex = 0
    for (const { index } of found) {
      const { read, end, isOther } = wideAuthority(text, index)
      if (end >= text.length || (isOther && signsEnd(text, end) === text.length && isRefused(read))) return index
    }
    return text.length
  }

  function runFrom(text: string): number {
    const start = runStart(text)
    const run = text.slice(start)
    const at =
      linkBefore.test(text.slice(Math.max(0, start - 16), start)) && /^[\\/]/.test(run) ? 0 : run.search(opening)
    // Whatever follows an allowed host, the URL stays allowed.
    if (at !== -1) return hasHost.test(run.slice(at)) && !isRefused(run.slice(at)) ? text.length : start + at
    const word = scheme.exec(text.slice(-32))
    return word ? text.length - word[0].length : text.length
  }
}

/** A sentence's own signs at the end are none of the URL's. */
function withoutPoint(found: string): string {
  return found.replace(/(?:[.,;:!?*_~\]}]|\\)+$/, '')
}

/** Where a URL ends of which so much has been read. */
function endFrom(text: string, at: number): number {
  return at + withoutPoint(text.slice(at, signsEnd(text, at))).length
}

function signsEnd(text: string, at: number): number {
  signs.lastIndex = at
  return at + (signs.exec(text)?.[0].length ?? 0)
}

const signs = new RegExp(`${sign}{0,${longestUrl}}`, 'y')
const beginning = /(?:[a-z][a-z\d+.-]{0,30}:)?(?:\\?\/|\\|[\t\r\n]){0,8}/iy
/** Who and where, of which a URL may have so much. */
const longestAuthority = 512

/** What ends a URL that begins behind it. */
const closings: Readonly<Record<string, string>> = { '"': '"', "'": "'", '\x60': '\x60', '|': '|', '<': '>', '(': ')' }

interface Authority {
  /** The URL to the end of its authority, as a browser would be given it. */
  readonly read: string
  readonly end: number
  /** It goes on behind a sign that mostly ends a URL, or that Markdown takes a stroke from, and names another host there. */
  readonly isOther: boolean
}

/**
 * Who a URL names where it is read as far as anybody might: before an `@` all of `( ) ' | "` may stand, in an attribute spaces too, and
 * Markdown makes `@` of `\@`.
 */
function wideAuthority(text: string, start: number): Authority {
  const before = text[start - 1] ?? ''
  const closing = closings[before]
  const isAttribute = /["']/.test(before) && /=\s{0,3}\\?["']$/.test(text.slice(Math.max(0, start - 8), start))
  beginning.lastIndex = start
  let at = start + (beginning.exec(text)?.[0].length ?? 0)
  let read = text.slice(start, at).replaceAll(/[\t\r\n]/g, '')
  let oddAt: number | undefined
  let depth = 0
  for (const until = Math.min(text.length, at + longestAuthority); at < until; at += 1) {
    let one = text.charAt(at)
    if (/[/?#]/.test(one)) break
    if (one === '\\') {
      const next = text.charAt(at + 1)
      if (next === closing || !/[!-.:-@[\]-\x60{-~]/.test(next)) break
      one = next
      at += 1
      oddAt ??= read.length
    } else {
      if (one === closing && (one !== ')' || depth === 0)) break
      if (closing === ')') depth += one === '(' ? 1 : one === ')' ? -1 : 0
      if (!isSign.test(one)) {
        if (!isAttribute && /[\s<>]/.test(one)) break
        oddAt ??= read.length
      }
    }
    if (!/[\t\r\n]/.test(one)) read += one
  }
  const isOther = oddAt !== undefined && /@|[.\u3002\uff0e\uff61][\p{L}\p{N}]/u.test(read.slice(oddAt))
  return { read, end: at, isOther }
}

/** As `url` has it: what only looks like a scheme with its strokes names no host. */
const hasHost = /^(?:(?:https?|wss?|ftp):[\\/]{2,4}|[a-z][a-z\d+.-]{1,30}:\\?\/\\?\/|[\\/]{2,4})[^\\/?#]{1,255}[/?#]/i

/** Where the run of signs of a URL begins that the text ends with. */
function runStart(text: string): number {
  let start = text.length
  while (start > 0 && text.length - start < longestUrl && isSign.test(text.charAt(start - 1))) start -= 1
  return start
}

function withScheme(text: string): string {
  if (/^www\./i.test(text)) return `http://${text}`
  return /^[\\/]/.test(text) ? `http:${text}` : text
}
