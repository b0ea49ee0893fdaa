import type { Finding } from './drive.ts'

/** How many exchanges were driven, by feature, unary and streaming, for the reader of the test output. */
export function coverageOf(name: string, findings: readonly Finding[]): string {
  const features = [...new Set(findings.flatMap(({ one }) => one.features))].toSorted()
  const count = (test: (finding: Finding) => boolean) => String(findings.filter(test).length).padStart(6)
  const row = (label: string, test: (finding: Finding) => boolean) =>
    `${label.padEnd(24)} unary ${count((finding) => !finding.one.isStream && test(finding))}  stream ${count((finding) => finding.one.isStream && test(finding))}`
  return [
    `${name}: ${findings.length} exchanges, each asked directly and through the gateway`,
    ...features.map((feature) => row(feature, ({ one }) => one.features.includes(feature))),
    row('all', () => true),
    ...outcomes.map((outcome) => row(`  ${outcome}`, (finding) => finding.outcome === outcome)),
    row('as it should be', isClean),
  ].join('\n')
}

/** What came of the question at the provider itself. */
const outcomes = ['answered', 'failed', 'objected to by the SDK'] as const

function isClean({ differences }: Finding): boolean {
  return Object.values(differences).every((list) => list.length === 0)
}
