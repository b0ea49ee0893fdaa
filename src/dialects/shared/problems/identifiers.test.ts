import { describe, expect, it } from 'vitest'
import { maskIdentifiers } from './identifiers.ts'

describe('identifiers in sentences', () => {
  it.each([
    [
      'Rate limit reached in organization org-AbC123xyz on tokens',
      'Rate limit reached in organization [masked] on tokens',
    ],
    ['organization `org_01hxyz99` service tier', 'organization `[masked]` service tier'],
    ['Incorrect API key provided: sk-proj-abc***xyz.', 'Incorrect API key provided: [masked].'],
    ['key AIzaSyA1234567890123456789012345678901234 is bad', 'key [masked] is bad'],
    ['use Authorization: Bearer eyJhbGciOi.abc', 'use Authorization: [masked]'],
  ])('L1 %s', (said, masked) => {
    expect(maskIdentifiers(said)).toBe(masked)
  })

  it('leaves ordinary words alone', () => {
    const text = 'This organisation may use task-force models such as gpt-4o-mini for user input.'
    expect(maskIdentifiers(text)).toBe(text)
  })
})
