import { describe, expect, it } from 'vitest'
import { apiName } from '../../src/admin/contract/exchange.ts'
import { usageRecordColumns, usageRecordFields } from '../../src/canonical/usage-record.ts'
import { tableOf, plain } from './read-pages.ts'

describe('usage-and-cost.md', () => {
  it('tells every field of a usage record, in order, as the code has it', () => {
    const rows = tableOf('docs/usage-and-cost.md', ['Field', 'In the API', 'Type', 'May be absent', 'Meaning'])
    expect(rows.map((row) => row.slice(0, 4).map(plain))).toEqual(
      usageRecordFields.map((field) => {
        const { kind, isOptional } = usageRecordColumns[field]
        return [field, apiName(field), kind, isOptional ? 'yes' : 'no']
      }),
    )
  })
})
