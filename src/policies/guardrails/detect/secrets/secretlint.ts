import { rules } from '@secretlint/secretlint-rule-preset-recommend'
import type { Detector, Finding } from '../detector.ts'
import { longTokens, tokenStart } from './long-tokens.ts'
import { isPlaceholder } from './vendor-keys.ts'

/**
 * The rules of Secretlint, called one by one: its own core keeps measurements of every call for ever and gets slower with each
 * (dependencies.md, 9). Without the rule that looks for comments which switch others off: a prompt must not be able to do that.
 */
export const secretlint: Detector = {
  kind: 'secretlint',
  find(text) {
    const findings: Finding[] = []
    // None of them knows a secret that is shorter.
    if (longTokens(text).length === 0 && !text.includes('://')) return findings
    for (const { kind, scan } of scans)
      for (const { range } of scan(text)) {
        const [start = 0, end = start] = range
        if (!/[<{[]|REPLACE/.test(text.slice(start, end)) && !isPlaceholder(text.slice(start, end)))
          findings.push({ kind, start, end })
      }
    return findings.toSorted((one, other) => one.start - other.start)
  },
  liveFrom: tokenStart,
}

interface Reported {
  readonly range: readonly number[]
}

const scans = rules
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
