import { describe, expect, it } from 'vitest'
import { sampleRecord } from '../stores/laws/sample-records.ts'
import { usageComponents, type Usage } from './usage.ts'
import { withUsage } from './usage-record.ts'

describe('withUsage', () => {
  it('takes over every component, and nothing else changes', () => {
    const usage = Object.fromEntries(usageComponents.map((name, place) => [name, place + 1])) as unknown as Usage
    const record = sampleRecord()
    expect(withUsage(record, usage)).toStrictEqual({ ...record, ...usage })
  })
})
