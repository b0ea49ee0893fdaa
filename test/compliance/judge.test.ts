import { describe, expect, it } from 'vitest'
import { judge } from './judge.ts'
import type { Report } from './probe.ts'

const result = (id: string, outcome: Report['results'][number]['outcome'], ...messages: readonly string[]) => ({
  id,
  outcome,
  failures: messages.map((message) => ({ severity: 'MUST', message })),
})
const report: Report = {
  passed: 1,
  total: 4,
  bySurface: [],
  results: [
    result('good', 'pass'),
    result('excused', 'fail', 'not nice'),
    result('ours', 'fail', 'broken', 'twice'),
    { ...result('gone', 'unreachable'), reason: 'hung up' },
  ],
}
const listed = (check: string, ...upstreams: readonly string[]) => ({ upstreams, check, reason: 'as it is' })

describe('the report of an upstream', () => {
  it('fails by what is not listed for it, and by what could not be asked', () => {
    const { failed } = judge('chat', report, [listed('excused', 'chat'), listed('ours', 'messages')])
    expect(failed).toEqual([
      { check: 'excused', isListed: true, why: 'as it is' },
      { check: 'ours', isListed: false, why: 'broken; twice; ' },
      { check: 'gone', isListed: false, why: 'hung up' },
    ])
  })

  it('fails by what is listed and does not fail', () => {
    const { needless } = judge('chat', report, [listed('good', 'chat'), listed('never', 'messages')])
    expect(needless).toEqual(['good'])
  })
})
