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
/**
 * What a client may follow: a scheme and its strokes, which web schemes can do without (`https:example.com`) and JSON writes as `\/`; `www.`;
 * and links of Markdown and HTML that leave out the scheme.
 */
const url = new RegExp(
  String.raw`(?<![a-z\d+.-])(?:(?:https?|wss?|ftp):(?=[\\/]|[\w[%-]{1,255}[.:\]])|[a-z][a-z\d+.-]{1,30}:\\?/\\?/|www\.(?=[^\s.]))${sign}{1,${longestUrl}}` +
    String.raw`|(?<=\]\(\s{0,3}<?|\]:\s{1,3}<?|(?:src|href)\s?=\s?\\?["']?)[\\/]{2,4}(?=[^\s\\/])${sign}{1,${longestUrl}}`,
  'gi',
)
/** Where in a run of such signs one begins, or may. */
const opening = /(?<![a-z\d+.-])(?:[a-z][a-z\d+.-]{1,30}:|www\.|(?:src|href)=\\?(?=[\\/]))/i
const scheme = /(?<![a-z\d+.-])[a-z][a-z\d+.-]{0,30}$/i
const linkBefore = /(?:\]\(\s{0,3}<?|\]:\s{1,3}<?|(?:src|href)\s?=\s?\\?["']?)$/i
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
        const end = start + found.replace(/(?:[.,;:!?*_~\]}]|\\)+$/, '').length
        if (isRefused(text.slice(start, end))) findings.push({ kind: 'url', start, end })
      }
      return findings
    },
    liveFrom(text) {
      const start = runStart(text)
      const run = text.slice(start)
      const at =
        linkBefore.test(text.slice(Math.max(0, start - 16), start)) && /^[\\/]/.test(run) ? 0 : run.search(opening)
      // Whatever follows an allowed host, the URL stays allowed.
      if (at !== -1) return hasHost.test(run.slice(at)) && !isRefused(run.slice(at)) ? text.length : start + at
      const word = scheme.exec(text.slice(-32))
      return word ? text.length - word[0].length : text.length
    },
  }
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
