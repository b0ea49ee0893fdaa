import { rules } from '@secretlint/secretlint-rule-preset-recommend'
import type { Detector, Finding } from '../detector.ts'
import { codesOf } from '../../codes.ts'
import { patternIndex } from '../../pattern-index.ts'
import { longTokens, tokenStart } from './long-tokens.ts'
import { isPlaceholder } from './vendor-keys.ts'

/**
 * The rules of Secretlint, called one by one: its own core keeps measurements of every call for ever and gets slower with each
 * (dependencies.md, 9). Without the rule that looks for comments which switch others off: a prompt must not be able to do that.
 */
export const secretlint: Detector = {
  kind: 'secretlint',
  // None of them knows a secret that is shorter.
  find: (text) => (longTokens(text).length === 0 && !text.includes('://') ? [] : findingsOf(triggered(text), text)),
  liveFrom: tokenStart,
}

/** The same, with every rule asked about every text: what the triggers leave out must be nothing. */
export function askEveryRule(text: string): readonly Finding[] {
  return longTokens(text).length === 0 && !text.includes('://') ? [] : findingsOf(scans, text)
}

function findingsOf(asked: readonly Scan[], text: string): readonly Finding[] {
  const findings: Finding[] = []
  for (const { kind, scan } of asked)
    for (const { range } of scan(text)) {
      const [start = 0, end = start] = range
      if (!/[<{[]|REPLACE/.test(text.slice(start, end)) && !isPlaceholder(text.slice(start, end)))
        findings.push({ kind, start, end })
    }
  return findings.toSorted((one, other) => one.start - other.start)
}

/** Every rule that may have something to find. */
function triggered(text: string): readonly Scan[] {
  return triggersIn(text, codesOf(text)).flatMap((place) => scans[place] ?? [])
}

/** What a text must hold for a rule to find something in it, read off each rule's patterns (version 13.0.7). */
const triggers: Readonly<Record<string, RegExp>> = {
  aws: /(?:SECRET|secret|Secret)_?(?:ACCESS|access|Access)_?(?:KEY|key|Key)/,
  privatekey: /-BEGIN/,
  npm: /x-oauth-basic@|_authToken=|npm_/,
  basicauth: /:\/\/[-\w]{1,256}:[-\w]/,
  slack: /xox[bpaor]-|xapp-|\.[sS][lL][aA][cC][kK]\./,
  sendgrid: /SG\.\w/,
  shopify: /shp(?:pa|ca|at|ss)_/,
  stripe: /[sr]k_(?:live|test)_/,
  github: /gh[pousr]_|github_pat_/,
  gitlab: /glpat-/,
  grafana: /glc_|glsa_/,
  openai: /T3BlbkFJ/,
  anthropic: /sk-ant-api0/,
  groq: /gsk_/,
  huggingface: /hf_[a-zA-Z]/,
  linear: /lin_api_/,
  notion: /ntn_\d/,
  '1password': /ops_ey/,
  // Of `mongodb`, `srv`, `mysql`, `mysqlx` and `postgres`, in any case, what stands before the stroke.
  'database-connection-string': /(?:[bBvVlLxX]|[eE][sS]):\/\//,
  'hashicorp-vault': /hv[sbr]\.\w/,
  vercel: /vc[piark]_/,
  databricks: /dapi[A-Fa-f\d]/,
  docker: /dckr_pat_/,
  figma: /figd_/,
  cloudflare: /cf(?:k|ut|at)_/,
  tailscale: /tskey-/,
}

interface Scan {
  readonly kind: string
  readonly scan: (content: string) => readonly Reported[]
}

interface Reported {
  readonly range: readonly number[]
}

const scans: readonly Scan[] = rules
  .filter(({ meta }) => !meta.id.endsWith('-filter-comments'))
  .map(({ meta, create }) => {
    const reported: Reported[] = []
    const rule = create(
      {
        sharedOptions: {},
        createTranslator: () => (messageId: string) => ({ messageId, message: messageId, data: {} }),
        ignore: () => {},
        report: (one: Reported) => void reported.push(one),
      },
      {},
    )
    const scan = (content: string): readonly Reported[] => {
      reported.length = 0
      void rule.file?.({ content, filePath: 'text', contentType: 'text', ext: '' })
      return reported
    }
    return { kind: meta.id.replace('@secretlint/secretlint-rule-', ''), scan }
  })

/** A rule of which nothing is known is asked about every text. */
const triggersIn = patternIndex(scans.map(({ kind }) => triggers[kind] ?? /(?:)/))
