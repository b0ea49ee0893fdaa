import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLegalLength, legalId, legalName, restoredName } from './tool-names.ts'

describe('names of tools', () => {
  it.each([
    ['get_weather', 'get_weather'],
    ['files.read', 'files_0x2e_read'],
    ['größe 😀', 'gr_0xf6__0xdf_e_0x20__0x1f600_'],
    ['a_0x2e_b', 'a_0x5f_0x2e_b'],
    ['_0xzz_', '_0xzz_'],
    ['_0x2.', '_0x5f_0x2_0x2e_'],
  ])('%s is written %s', (name, written) => {
    expect(legalName(name)).toBe(written)
  })

  it('are legal when written, and come back as they were', () => {
    const names = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[_0xa-f2.-]{0,20}$/))
    fc.assert(
      fc.property(names, (name) => {
        const whole = name.toWellFormed()
        expect(legalName(whole)).toMatch(/^[a-zA-Z0-9_-]*$/)
        expect(restoredName(legalName(whole))).toBe(whole)
      }),
      { seed: 3, numRuns: 3000 },
    )
  })

  it('have at least 1 and at most 128 characters', () => {
    expect([0, 1, 128, 129].map((length) => isLegalLength('x'.repeat(length)))).toEqual([false, true, true, false])
  })
})

describe('ids of calls', () => {
  it('stay as they are when they are legal, and apart when they are not', () => {
    expect(legalId('toolu_01-x')).toBe('toolu_01-x')
    const written = ['f:0', 'f.0', 'f/0', ''].map(legalId)
    for (const id of written) expect(id).toMatch(/^[a-zA-Z0-9_-]+$/)
    expect(new Set(written).size).toBe(4)
  })
})
