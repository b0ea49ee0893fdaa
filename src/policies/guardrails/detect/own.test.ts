import { describe, expect, it } from 'vitest'
import { detectorLaws } from './laws/detector-laws.ts'
import { ownPattern } from './own-pattern.ts'
import { termsDetector } from './terms.ts'

detectorLaws(termsDetector(['Project Titan', 'Zürich branch', 'C++']), {
  found: [
    'the «project titan» plan',
    '«Project  Titan», «ZÜRICH BRANCH».',
    'in «c++» or so',
    'projects of «Project\nTitan»',
  ],
  plain: ['Projects Titanic', 'project of titan', 'a Zürich branches', 'project titanium'],
})

const ticket = ownPattern({ name: 'ticket', pattern: 'TCK-[0-9]{4,6}', longest: 10, ignoreCase: true })
if (!ticket.ok) throw new Error(ticket.problem)
detectorLaws(ticket.detector, {
  found: ['see «TCK-1234», «tck-123456»'],
  plain: ['TCK-123', 'ticket 1234'],
})

describe('a pattern of an operator', () => {
  it('N9 L7: takes linear time, whatever it is', () => {
    const evil = ownPattern({ name: 'evil', pattern: '^(a+)+$', longest: 1_000, ignoreCase: false })
    expect(evil.ok && evil.detector.find(`${'a'.repeat(5_000)}!`)).toEqual([])
  })

  it.each([
    ['(?=a)b', /invalid|perl|\?=/i],
    ['a*', /empty text/],
    ['(', /missing|paren/i],
  ])('%s is refused when it is read', (pattern, problem) => {
    const read = ownPattern({ name: 'x', pattern, longest: 10, ignoreCase: false })
    expect(read.ok ? '' : read.problem).toMatch(problem)
  })
})
