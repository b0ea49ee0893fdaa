import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textPlaces } from '../../canonical/guardrail.ts'
import { GatewayError } from '../../canonical/error.ts'
import { pii } from './detect/pii/index.ts'
import { secrets } from './detect/secrets/index.ts'
import type { Judged } from './judge-text.ts'
import { Masks, placeholderOf } from './masks.ts'
import { PlainEscapes } from './plain-escapes.ts'
import type { GuardRule } from './rule.ts'
import { windowRulesOf } from './rules-window.ts'
import { growthParts, keptLength, mostHeldLength, patienceLength, TextWindow } from './text-window.ts'

const rule: GuardRule = {
  name: 'all',
  detectors: [...secrets, ...pii],
  phases: new Set(['input', 'output']),
  places: new Set(textPlaces),
  action: 'redact',
  tag: undefined,
  condition: undefined,
  isShadow: false,
}
const body = 'q7Zk2Vx9Lm4Tn8Rb3Wc6Yd1Hf5Gj0Ps'
const pem = `-----BEGIN RSA PRIVATE KEY-----\n${body.repeat(3)}\n-----END RSA PRIVATE KEY-----`
const texts = [
  'Write to ada@example.com or call +49 30 901820, please.',
  `The key gh${'p'}_${body}q7Zk2V is mine; card 4111 1111 1111 1111.`,
  `Use:\n${pem}\nand IBAN GB82 WEST 1234 5698 7654 32.`,
  'postgres://app:hl9jJl2Tun@db.internal:5432/prod and 12.92.149.211',
  'SSN 161-42-3291, born on 12 March 1980, mac 00:1A:2B:3C:4D:5E.',
  'Nothing to see here, only words and the number 42.',
]

function windowOf(given: Partial<GuardRule> = {}, isJsonText = false, noted: Judged[] = []): TextWindow {
  return new TextWindow(
    windowRulesOf({
      rules: [{ ...rule, ...given }],
      write: ({ kind }) => placeholderOf(kind),
      note: (seen) => void noted.push(...seen),
      isJsonText,
    }),
  )
}

function play(pieces: readonly string[], given: Partial<GuardRule> = {}, isJsonText = false) {
  const noted: Judged[] = []
  const window = windowOf(given, isJsonText, noted)
  let mostHeld = 0
  let shown = ''
  for (const piece of pieces) {
    shown += window.push(piece)
    mostHeld = Math.max(mostHeld, window.held)
  }
  return { shown: shown + window.end(), noted, mostHeld }
}

describe('the window of a stream', () => {
  it.each(texts)('G3: shows the same of %j, wherever it is cut', (text) => {
    const whole = play([text])
    for (let cut = 1; cut < text.length; cut += 1)
      expect(play([text.slice(0, cut), text.slice(cut)]).shown).toBe(whole.shown)
    expect(play([...text]).shown).toBe(whole.shown)
  })

  it('G3: shows the same of any texts, cut into any pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...texts), { minLength: 1, maxLength: 3 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }),
        (chosen, sizes) => {
          const text = chosen.join(' ')
          const pieces: string[] = []
          for (let from = 0, turn = 0; from < text.length; turn += 1) {
            const size = sizes[turn % sizes.length] ?? 1
            pieces.push(text.slice(from, from + size))
            from += size
          }
          expect(play(pieces).shown).toBe(play([text]).shown)
        },
      ),
    )
  })

  it('G3: goes on after its end, and finds what began before it', () => {
    const sample = `gh${'p'}_${body}q7Zk2V`
    const plays = Array.from({ length: sample.length }, (_, cut) => {
      const window = windowOf()
      const shown = [window.push(`so ${sample.slice(0, cut)}`), window.end()]
      return [...shown, window.push(`${sample.slice(cut)} it is`), window.end()].join('')
    })
    expect(plays.filter((shown) => shown.includes(sample) || !shown.endsWith('] it is'))).toEqual([])
  })

  it('G3: takes what begins a new part for a text of its own, too', () => {
    const window = windowOf()
    const shown = [window.push('done'), window.end(), window.push(`gh${'p'}_${body}q7Zk2V it is`), window.end()]
    expect(shown.join('')).toMatch(/^done\[[A-Z_]+\] it is$/)
  })

  it('shows words as they come, but for the last one', () => {
    const { shown, mostHeld } = play([...'It was the best of times, it was the worst of times.'])
    expect(shown).toBe('It was the best of times, it was the worst of times.')
    expect(mostHeld).toBeLessThanOrEqual(24)
  })

  it('tells what it has seen once, with where the rule comes from', () => {
    expect(play([...'to ada@example.com and bob@example.com.']).noted.map(({ kind }) => kind)).toEqual([
      'email',
      'email',
    ])
  })

  it('holds back no more than its bound of what does not end, and leaves the rest of it out', () => {
    const open = `key: -----BEGIN PRIVATE KEY-----\n${`${body}\n`.repeat(900)}`
    const pieces = [...(open.match(/.{1,100}/gs) ?? []), '-----END PRI', 'VATE KEY----- and more']
    const { shown, mostHeld } = play(pieces)
    expect(shown).toBe('key: [PRIVATE_KEY] and more')
    expect(mostHeld).toBeLessThanOrEqual(mostHeldLength + 100)
  })

  it('N9: looks at no more of a long stream for each sign than is bounded, however it is cut', () => {
    const words = 'It was the best of times, it was the worst of times, and nobody knew. '
    const streams = [
      words,
      'x',
      '1234 ',
      `${body}\n`,
      '-----BEGIN PRIVATE KEY-----\nabc ',
      'a@',
      '"',
      'https://a.b/',
      '\\n',
    ]
    for (const unit of streams)
      for (const size of [1, 50]) {
        const text = unit.repeat(Math.ceil((size === 1 ? 3_000 : 20_000) / unit.length))
        const pieces = text.match(new RegExp(`.{1,${size}}`, 'gs')) ?? []
        let lookedAt = 0
        let most = 0
        const rules = windowRulesOf({ rules: [rule], write: () => '', note: () => {}, isJsonText: false })
        const noted = (looked: string) => {
          lookedAt += looked.length
          most = Math.max(most, looked.length)
          return looked
        }
        const window = new TextWindow({
          liveFrom: (looked, seam) => rules.liveFrom(noted(looked), seam),
          spans: (looked, seam) => rules.spans(noted(looked), seam),
          show: (looked, from, until, seam) => rules.show(noted(looked), from, until, seam),
          closeOf: (looked) => rules.closeOf(noted(looked)),
        })
        for (const piece of pieces) window.push(piece)
        // Three questions about each text: each piece costs a constant, and each sign so many again where much is held back.
        const bound = 3 * (pieces.length * (keptLength + patienceLength + size) + 2 * growthParts * text.length)
        expect([unit, size, lookedAt <= bound]).toEqual([unit, size, true])
        expect(most).toBeLessThanOrEqual(keptLength + mostHeldLength + mostHeldLength / growthParts + size)
      }
  })

  it('takes an end to have been missed after so much', () => {
    const open = `-----BEGIN PRIVATE KEY-----\n${`${body}\n`.repeat(600)}`
    const pieces = [open, ...Array.from({ length: 66 }, () => 'x'.repeat(1_000)), ' goes on']
    expect(play(pieces).shown).toMatch(/^\[PRIVATE_KEY\].* goes on$/s)
  })

  it('shows nothing of a part that is blocked', () => {
    const window = new TextWindow(
      windowRulesOf({
        rules: [rule],
        write: () => '',
        note: (seen) => {
          if (seen.length > 0) throw new GatewayError('guardrail_blocked', 'no')
        },
        isJsonText: false,
      }),
    )
    let shown = ''
    expect(() => {
      for (const piece of 'I am ada@example.com, hello') shown += window.push(piece)
    }).toThrow(GatewayError)
    expect(shown).toBe('I am ')
  })

  it('keeps the JSON of arguments valid, and finds what hides behind escapes', () => {
    const value = { text: 'mail\nada@example.com "now" C:\\temp\tbob@example.com', n: 1 }
    const json = JSON.stringify(value).replace('ada@', 'ada\\u0040')
    for (let cut = 1; cut < json.length; cut += 1) {
      const escapes = new PlainEscapes()
      const pieces = [escapes.push(json.slice(0, cut)), escapes.push(json.slice(cut)), escapes.end()]
      expect(JSON.parse(play(pieces, {}, true).shown)).toEqual({
        text: 'mail\n[EMAIL] "now" C:\\temp\t[EMAIL]',
        n: 1,
      })
    }
  })
})

describe('masks', () => {
  it('give the same text the same placeholder, and another one another', () => {
    const masks = new Masks()
    const made = ['ada@example.com', 'bob@example.com', 'ada@example.com'].map((one) =>
      masks.placeholderFor('email', one),
    )
    expect(made).toEqual(['[EMAIL_1]', '[EMAIL_2]', '[EMAIL_1]'])
    expect(masks.originalOf('[EMAIL_2]')).toBe('bob@example.com')
    expect(masks.originalOf('[EMAIL_3]')).toBeUndefined()
  })

  it('are found again in an answer, wherever it is cut', () => {
    const masks = new Masks()
    masks.placeholderFor('email', 'ada@example.com')
    const text = 'Dear [EMAIL_1], [see] [EMAIL_2].'
    for (let cut = 0; cut <= text.length; cut += 1) {
      const window = new TextWindow(
        windowRulesOf({
          rules: [{ ...rule, detectors: [masks.detector] }],
          write: (_edit, found) => masks.originalOf(found) ?? found,
          note: () => {},
          isJsonText: false,
        }),
      )
      expect(window.push(text.slice(0, cut)) + window.push(text.slice(cut)) + window.end()).toBe(
        'Dear ada@example.com, [see] [EMAIL_2].',
      )
    }
  })
})
