import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { GuardRule } from '../rule.ts'
import type { AskedJudged } from './apply-verdicts.ts'
import { AskedText, windowLengths } from './asked-text.ts'

const rule: GuardRule = {
  name: 'names',
  detectors: [],
  phases: new Set(['output']),
  places: new Set(['assistant']),
  action: 'redact',
  tag: undefined,
  condition: undefined,
  isShadow: false,
}

/** What a guard that finds these words sees in a piece. */
function seenIn(text: string, word: string): readonly AskedJudged[] {
  return [...text.matchAll(new RegExp(word, 'g'))].map(({ index, 0: found }) => ({
    kind: 'name',
    rule,
    start: index,
    end: index + found.length,
    isUnwritable: false,
  }))
}

/** A text in these pieces, asked about after some of them. @returns what was shown when, and how often the guard saw something new. */
function played(pieces: readonly string[], word: string, asksAfter: (place: number) => boolean) {
  const text = new AskedText('0/0', 'assistant', 'text')
  const waiting: { readonly from: number; readonly until: number }[] = []
  let [shown, seen] = ['', 0]
  const ask = () => {
    const question = text.question()
    if (question) seen += text.answered(seenIn(question.text, word)).length
    while (waiting[0] && text.isCleared(waiting[0].until)) {
      const next = waiting.shift()
      if (next) shown += text.show(next.from, next.until)
    }
  }
  for (const [place, piece] of pieces.entries()) {
    waiting.push(text.push(piece))
    if (asksAfter(place)) ask()
  }
  text.end()
  ask()
  return { shown, seen, waiting: waiting.length }
}

describe('a text that is asked about in pieces', () => {
  it('G3: shows none of what is found, however it is cut and whenever it is asked about', () => {
    const word = `${'ab'.repeat(windowLengths.overlap / 2 - 4)}name`
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(word, 'x', 'and so on ', 'y'.repeat(700), '😀'), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 40 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
        (parts, lengths, asks) => {
          const said = parts.join('')
          const pieces: string[] = []
          for (let from = 0, place = 0; from < said.length; place += 1) {
            const length = lengths[place % lengths.length] ?? 1
            pieces.push(said.slice(from, from + length))
            from += length
          }
          const { shown, seen, waiting } = played(pieces, word, (place) => asks[place % asks.length] === true)
          expect(waiting).toBe(0)
          expect(shown).toBe(said.replaceAll(word, '[NAME]'))
          expect(seen).toBe(parts.filter((part) => part === word).length)
        },
      ),
    )
  })

  it('holds back no more than the next piece needs', () => {
    const text = new AskedText('0/0', 'assistant', 'text')
    text.push('x'.repeat(2_000))
    const question = text.question()
    expect(question?.text).toHaveLength(2_000)
    text.answered([])
    expect(text.isCleared(2_000 - windowLengths.overlap)).toBe(true)
    expect(text.isCleared(2_000 - windowLengths.overlap + 1)).toBe(false)
    text.push('y')
    expect(text.question()?.text).toHaveLength(windowLengths.before + windowLengths.overlap + 1)
  })

  it('goes on after its end: what has been shown of a find stays, and the rest of it is written anew', () => {
    const text = new AskedText('0/0', 'assistant', 'text')
    const first = text.push('so the na')
    text.end()
    const asked = text.question()?.text ?? ''
    text.answered(seenIn(asked, 'name'))
    expect(text.isCleared(first.until)).toBe(true)
    expect(text.show(first.from, first.until)).toBe('so the na')
    const next = text.push('me is')
    expect([text.isCleared(next.until), text.isLastDue, text.due]).toEqual([false, false, 5])
    text.end()
    const again = text.question()?.text ?? ''
    expect(again).toBe('so the name is')
    expect(text.answered(seenIn(again, 'name'))).toHaveLength(1)
    expect(text.show(next.from, next.until)).toBe('[NAME] is')
  })

  it('goes on after its end: what was cleared and has not been shown is held back again', () => {
    const text = new AskedText('0/0', 'assistant', 'text')
    const first = text.push('so the na')
    text.end()
    text.question()
    text.answered([])
    const next = text.push('me is')
    expect(text.isCleared(first.until)).toBe(false)
    text.end()
    text.answered(seenIn(text.question()?.text ?? '', 'name'))
    expect(text.show(first.from, first.until) + text.show(next.from, next.until)).toBe('so the [NAME] is')
  })

  it('asks about the arguments of a call when they are whole, and says where they would be no JSON any more', () => {
    const text = new AskedText('0/0', 'tool-arguments', 'arguments')
    text.push('{"to":"Ada"')
    expect([text.due, text.question()]).toEqual([0, undefined])
    text.push('}')
    text.end()
    const asked = text.question()?.text ?? ''
    text.answered(seenIn(asked, 'Ada'))
    expect(text.staysJson).toBe(true)
    expect(text.show(0, asked.length)).toBe('{"to":"[NAME]"}')
    const broken = new AskedText('0/0', 'tool-arguments', 'arguments')
    broken.push('{"to":"Ada"}')
    broken.end()
    broken.answered(seenIn(broken.question()?.text ?? '', '"Ada"}'))
    expect(broken.staysJson).toBe(false)
  })
})
