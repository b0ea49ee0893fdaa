import { describe, expect, it } from 'vitest'
import { languageDetector, languages } from './language.ts'

const german =
  'Bitte schreiben Sie mir einen kurzen Brief an den Vermieter, weil die Heizung seit Montag nicht mehr funktioniert.'
const english = 'Please write me a short letter to the landlord, because the heating has not been working since Monday.'
const found = (allowed: readonly string[], text: string) => languageDetector(allowed).find(text).length

describe('languages', () => {
  it.each([
    ['German', german],
    ['French', 'Bonjour, pourriez-vous m’écrire une lettre au propriétaire au sujet du chauffage en panne ?'],
    ['Spanish', 'Por favor, escríbeme una carta al casero porque la calefacción no funciona desde el lunes.'],
    ['Malay', 'Tolong tuliskan saya surat kepada pemilik rumah karena pemanas tidak berfungsi sejak hari Senin.'],
    ['Russian', 'Привет, как дела?'],
    ['Chinese', '请用简单的话解释这个问题。'],
    ['Hindi', 'कृपया मुझे एक पत्र लिखें'],
    ['Korean', '오늘 날씨가 어떻습니까'],
    ['German after a page of English', `${english.repeat(30)}\n${german.repeat(30)}`],
  ])('that are not allowed are found: %s', (_language, text) => {
    expect(languageDetector(['en']).find(text)).toEqual([{ kind: 'language', start: 0, end: text.length }])
  })

  it.each([
    english,
    'ok',
    'Guten Morgen!',
    'Berlin, Ankara, Kyiv',
    'const x = await fetch(url)\nif (!x.ok) throw new Error(`no ${url}`)',
    'What does «Привет, как дела?» mean? I heard it in a song the other day.',
    'SELECT name, count(*) FROM users GROUP BY name',
    '12345 67890 +++ ???',
    '4111 1111 1111 1111 GB82 WEST 1234 5698 7654 32',
    'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk',
  ])('are let be where they are allowed, or too little is said: %j', (text) => {
    expect(found(['en'], text)).toBe(0)
  })

  it('are found in none of their own', () => {
    expect(found(['en', 'de'], german)).toBe(0)
    expect(found(['zh'], '请用简单的话解释这个问题。')).toBe(0)
    expect(found(['de'], english)).toBe(1)
    expect(languages).toHaveLength(60)
  })

  it('are told at the end only', () => {
    expect(languageDetector(['en']).liveFrom(german)).toBe(0)
  })
})
