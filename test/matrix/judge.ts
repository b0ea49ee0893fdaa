import { clientDialects } from './cases.ts'
import type { Finding } from './run-matrix.ts'
import { targetDialects } from './targets.ts'

/** Refusals that are right, whoever asks: nothing was sent, and the client was told why. */
const rightRefusals: readonly { readonly reason: string; readonly isMeant: (finding: Finding) => boolean }[] = [
  {
    reason: 'a model of completions goes on with a text and takes no conversation',
    isMeant: ({ target, refusal = '' }) => target === 'openai-completions' && /does not speak/.test(refusal),
  },
]

/** What is wrong, one line for each sort of it with an example. Empty: nothing. */
export function faultsOf(findings: readonly Finding[]): readonly string[] {
  const said = findings.flatMap((finding) => {
    const { client, target, name, id, problems, refusal } = finding
    const isWrong = refusal !== undefined && !rightRefusals.some(({ isMeant }) => isMeant(finding))
    return [...problems, ...(isWrong ? [`refused: ${refusal}`] : [])].map((problem) => ({
      sort: `${client} -> ${target}: ${problem}`,
      example: `${name} (${id})`,
    }))
  })
  return [...Map.groupBy(said, ({ sort }) => sort)].map(
    ([sort, list]) => `${list.length} x ${sort}, such as ${list[0]?.example}`,
  )
}

/**
 * For each pair how many bodies the target was sent and its published schema took, and after `+` how many answers, recorded for the
 * same request at it, were read alike by both SDKs. In brackets: refused.
 */
export function tableOf(findings: readonly Finding[]): string {
  const head = ['from \\ to', ...targetDialects]
  const rows = clientDialects.map((client) => [
    client,
    ...targetDialects.map((target) => cellOf(findings.filter((one) => one.client === client && one.target === target))),
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  return [head, ...rows].map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n')
}

function cellOf(findings: readonly Finding[]): string {
  const sent = findings.filter(({ refusal }) => refusal === undefined)
  const good = sent.filter(({ problems }) => problems.length === 0)
  const recorded = good.filter(({ isRecorded }) => isRecorded)
  const refused = findings.length - sent.length
  return [`${good.length}/${sent.length}+${recorded.length}`, ...(refused > 0 ? [`(${refused})`] : [])].join(' ')
}

export function totalsOf(findings: readonly Finding[]): string {
  const sent = findings.filter(({ refusal }) => refusal === undefined)
  const good = sent.filter(({ problems }) => problems.length === 0)
  const recorded = good.filter(({ isRecorded }) => isRecorded)
  return `${findings.length} requests: ${good.length} of ${sent.length} sent are right, ${recorded.length} with the recorded answer; ${findings.length - sent.length} refused`
}
