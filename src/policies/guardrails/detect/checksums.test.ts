import { describe, expect, it } from 'vitest'
import { digitsOf, passesLuhn, passesMod11Mod10, passesVerhoeff, remainder, weighed } from './checksums.ts'

describe('checksums', () => {
  it.each(['4111111111111111', '378282246310005', '6011111111111117', '79927398713'])('%s passes Luhn', (digits) => {
    expect(passesLuhn(digits)).toBe(true)
    expect(passesLuhn(digits.slice(0, -1) + ((Number(digits.at(-1)) + 1) % 10))).toBe(false)
  })

  it('ISO 13616: an IBAN is 1 modulo 97', () => {
    expect(remainder('WEST12345698765432GB82', 97)).toBe(1)
    expect(remainder('WEST12345698765433GB82', 97)).not.toBe(1)
  })

  it('Verhoeff sees each wrong digit and each two that changed places', () => {
    expect(passesVerhoeff('2363')).toBe(true)
    for (const wrong of ['2364', '2263', '3263', '2633']) expect(passesVerhoeff(wrong)).toBe(false)
  })

  it('ISO 7064 MOD 11,10 sees a wrong digit', () => {
    expect(passesMod11Mod10('86095742719')).toBe(true)
    expect(passesMod11Mod10('86095742718')).toBe(false)
  })

  it('weighs digits', () => {
    expect(weighed('943476591', [10, 9, 8, 7, 6, 5, 4, 3, 2])).toBe(299)
    expect(digitsOf('943 476-5919')).toBe('9434765919')
  })
})
