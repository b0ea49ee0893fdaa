/** The digits of a text, and nothing else of it. */
export function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, '')
}

/** ISO/IEC 7812-1, annex B. */
export function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let place = digits.length - 1, isDoubled = false; place >= 0; place -= 1, isDoubled = !isDoubled) {
    const digit = digits.charCodeAt(place) - 48
    sum += isDoubled ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit
  }
  return sum % 10 === 0
}

/** The rest of a number of any length after a division. `digits` may hold letters, counted from 10 for A (ISO 13616, ISO 7064). */
export function remainder(digits: string, divisor: number): number {
  let rest = 0
  for (const sign of digits) {
    const value = Number.parseInt(sign, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % divisor
  }
  return rest
}

/** The sum of each digit times its weight. */
export function weighed(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, place) => sum + weight * Number(digits[place] ?? 0), 0)
}

/** Verhoeff's check of a number: a sum in the dihedral group D5 (Aadhaar). */
export function passesVerhoeff(digits: string): boolean {
  let check = 0
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place])
    check = product(check, permuted(digit, place % 8))
  }
  return check === 0
}

/** In D5, 0 to 4 are turns and 5 to 9 turns of the mirrored figure. */
function product(one: number, other: number): number {
  if (one < 5) return other < 5 ? (one + other) % 5 : 5 + ((one + other) % 5)
  return other < 5 ? 5 + ((one - 5 - other + 5) % 5) : (one - other + 5) % 5
}

const firstPermutation = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
function permuted(digit: number, times: number): number {
  let result = digit
  for (let turn = 0; turn < times; turn += 1) result = firstPermutation[result] ?? 0
  return result
}

/** ISO 7064 MOD 11,10 (Germany's tax number). The last digit is the check. */
export function passesMod11Mod10(digits: string): boolean {
  let product = 10
  for (const digit of digits.slice(0, -1)) {
    const sum = (Number(digit) + product) % 10
    product = ((sum === 0 ? 10 : sum) * 2) % 11
  }
  return (11 - product) % 10 === Number(digits.at(-1))
}
