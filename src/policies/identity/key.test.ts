import { createHmac, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { corpusDir, reportMissingCorpus } from '../../../test/corpus.ts'
import { randomBase62, toBase62 } from '../../canonical/base62.ts'
import { adminKeyText, holdsKey, keyLengths, parseKey } from '../../canonical/key-form.ts'
import { makeKey, openKeyHasher, sameHash } from './key.ts'

const zeros = (count: number): Buffer => Buffer.alloc(count)

/** What attackers and testers put where a key belongs, with a real key around it too. */
const notKeys = [
  '',
  "' OR '1'='1",
  "' OR '1'='1' --",
  "'; DROP TABLE keys; --",
  "weir_0000000000_00000000000000000000000000000000_' OR 1",
  'weir_',
  'weir__' + '_'.repeat(49),
  'sk-1234',
  'Bearer weir_x',
  '\0'.repeat(55),
  'weir_0000000000_00000000000000000000000000000000_00000\n',
  'weir_０000000000_0000000000000000000000000000000_000000',
]

describe('parseKey', () => {
  it('reads what makeKey makes', () => {
    for (let round = 0; round < 200; round += 1) {
      const { key, id, last4 } = makeKey(randomBytes)
      expect(key).toMatch(/^weir_[0-9A-Za-z]{10}_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}$/)
      expect(parseKey(key)).toEqual({ id })
      expect(key.endsWith(last4)).toBe(true)
    }
  })

  it('the form is fixed: CRC-32 of all before the last underscore, in six digits 0-9A-Za-z', () => {
    const body = 'weir_0000000000_00000000000000000000000000000000'
    expect(makeKey(zeros)).toEqual({ key: `${body}_1W1hdD`, id: '0000000000', last4: '1hdD' })
    expect(toBase62(0, 6)).toBe('000000')
    expect(toBase62(61, 2)).toBe('0z')
    expect(toBase62(62, 2)).toBe('10')
    expect(toBase62(0xff_ff_ff_ff, 6)).toBe('4gfFC3')
  })

  it.each(notKeys)('%j is no key, whatever it tries (A1)', (text) => {
    expect(parseKey(text)).toBeUndefined()
  })

  it('no naughty string is a key, nor a key with one in its place (A1)', () => {
    if (corpusDir === undefined) return reportMissingCorpus('naughty strings as keys')
    const { key } = makeKey(randomBytes)
    const strings: unknown = JSON.parse(readFileSync(join(corpusDir, 'bad-inputs', 'naughty-strings.json'), 'utf8'))
    if (!Array.isArray(strings)) throw new Error('the corpus changed its form')
    expect(strings.length).toBeGreaterThan(400)
    for (const naughty of strings.map(String)) {
      expect(parseKey(naughty)).toBeUndefined()
      expect(parseKey(`weir_${naughty}`)).toBeUndefined()
      expect(parseKey(`${key}${naughty === '' ? ' ' : naughty}`)).toBeUndefined()
      expect(parseKey(`${naughty}${key}`.slice(0, key.length))).toEqual(
        naughty === '' ? { id: key.slice(5, 15) } : undefined,
      )
    }
  })

  it('a key with any one letter changed, or two neighbours swapped, is refused', () => {
    const { key } = makeKey(randomBytes)
    fc.assert(
      fc.property(fc.nat(key.length - 1), fc.constantFrom(...'0aZ_-'), (place, letter) => {
        const changed = key.slice(0, place) + letter + key.slice(place + 1)
        expect(parseKey(changed) === undefined).toBe(changed !== key)
        const swapped =
          key.slice(0, place) +
          key
            .slice(place, place + 2)
            .split('')
            .toReversed()
            .join('') +
          key.slice(place + 2)
        expect(parseKey(swapped) === undefined).toBe(swapped !== key)
      }),
    )
  })

  it('a text of any other length is refused by its length alone', () => {
    expect(parseKey(makeKey(randomBytes).key.repeat(100_000))).toBeUndefined()
  })
})

describe('holdsKey', () => {
  const { key } = makeKey(randomBytes)

  it.each(['', 'openai/', 'weir_', 'weir_weir_', `${key.slice(0, -1)}-`])('finds a key behind %j', (before) => {
    expect(holdsKey(before + key)).toBe(true)
    expect(holdsKey(`${before}${key}:latest`)).toBe(true)
    expect(holdsKey(before + adminKeyText(randomBase62(keyLengths.adminSecret, randomBytes)))).toBe(true)
  })

  it.each([...notKeys, key.slice(0, -1), key.slice(1), key.replace('weir_', 'weir-')])('finds none in %j', (text) => {
    expect(holdsKey(text)).toBe(false)
  })
})

describe('randomBase62', () => {
  it('bytes that would favour some letters are drawn again', () => {
    const bytes = Buffer.from([248, 255, 0, 61, 247, 62])
    expect(randomBase62(4, () => bytes)).toBe('0zz0')
  })

  it('a source that gives nothing usable is an error, not an endless loop', () => {
    expect(() => randomBase62(4, (count) => Buffer.alloc(count, 255))).toThrow('no usable bytes')
  })

  it('every byte below the limit leads to each letter equally often', () => {
    const counts = new Map<string, number>()
    for (const letter of randomBase62(248, everyByteInTurn())) counts.set(letter, (counts.get(letter) ?? 0) + 1)
    expect([...counts.values()]).toEqual(Array.from({ length: 62 }, () => 4))
  })
})

describe('hashes of keys', () => {
  it('are HMAC-SHA-256 of the whole key under the pepper, in hex', () => {
    const pepper = randomBytes(32)
    const { key } = makeKey(randomBytes)
    expect(openKeyHasher(pepper)(key)).toBe(createHmac('sha256', pepper).update(key).digest('hex'))
    expect(openKeyHasher(pepper)(key)).not.toBe(openKeyHasher(randomBytes(32))(key))
  })

  it('are the same however often they are asked for, and whatever was asked for in between', () => {
    const hashOf = openKeyHasher(randomBytes(32))
    const keys = Array.from({ length: 10_100 }, (_, place) => `key ${place}`)
    const first = keys.map(hashOf)
    expect(keys.map(hashOf)).toEqual(first)
    expect(new Set(first).size).toBe(keys.length)
  })

  it('are compared as a whole (A9)', () => {
    expect(sameHash('ab12', 'ab12')).toBe(true)
    expect(sameHash('ab12', 'ab13')).toBe(false)
    expect(sameHash('ab12', 'ab1')).toBe(false)
    expect(sameHash('', '')).toBe(true)
    expect(sameHash('é', 'Ã©')).toBe(false)
  })
})

function everyByteInTurn(): (count: number) => Buffer {
  let next = 0
  return (count) => Buffer.from(Array.from({ length: count }, () => next++ % 256))
}
