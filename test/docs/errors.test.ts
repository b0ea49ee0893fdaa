import { describe, expect, it } from 'vitest'
import { errorTable } from '../../src/canonical/error.ts'
import type { Json } from '../../src/canonical/json.ts'
import { readProviderProblem } from '../../src/dialects/shared/problems/provider-problem.ts'
import { tablesOf, tableOf, plain } from './read-pages.ts'

describe('errors.md', () => {
  it('tells every kind of error as the code has it', () => {
    const head = ['Kind', 'Status', 'OpenAI type', 'Anthropic type', 'Other target', 'Client', 'Meaning']
    const told = tablesOf('docs/errors.md', head).map((row) => row.slice(0, 6).map(plain))
    const retry = { no: 'no', yes: 'again', 'after-retry-after': 'after Retry-After', 'until-reset': 'after the reset' }
    const known = Object.entries(errorTable).map(([kind, row]) => [
      kind,
      String(row.status),
      row.openaiType,
      row.anthropicType,
      row.mayTryAnother === 'policy' ? 'by the model' : row.mayTryAnother,
      retry[row.clientRetry],
    ])
    expect(told.toSorted()).toEqual(known.toSorted())
  })
})

describe('errors.md, of what a provider’s error becomes', () => {
  it.each(tableOf('docs/errors.md', ['Provider', 'Status', 'Body', 'Kind']))('%s %s %s', (_, status, body, kind) => {
    const value: Json = JSON.parse((body ?? '').slice(1, -1))
    expect(readProviderProblem(Number(status), value).kind).toBe(plain(kind))
  })
})
