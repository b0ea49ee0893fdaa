import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isJsonObject, type Json } from '../../../../canonical/json.ts'
import {
  GuardFailure,
  type ExternalFinding,
  type GuardAdapter,
  type GuardAnswer,
  type GuardQuestion,
} from '../external-guard.ts'

/** Made by us of what the service publishes: no recording stands behind it. */
export interface GoldenAnswer {
  readonly name: string
  readonly question: GuardQuestion
  /** What it is asked, one for each call. */
  readonly calls: readonly { readonly url: string; readonly body: Json }[]
  /** What it answers, one for each call. */
  readonly answers: readonly Json[]
  readonly findings: readonly ExternalFinding[]
}

export interface AdapterSamples {
  readonly adapter: GuardAdapter
  readonly golden: readonly GoldenAnswer[]
  /** Its answer to a text, or to each of some, that has nothing in it. */
  readonly nothing: (texts: number) => Json
  /** For services that tell places: its answer where it saw something there. In code points, the end exclusive. */
  readonly seenAt?: (text: string, start: number, end: number) => Json
}

/** The laws of the family: each adapter passes them in one call. */
export function adapterLaws(service: string, { adapter, golden, nothing, seenAt }: AdapterSamples): void {
  describe(`the adapter for ${service}`, () => {
    it.each(golden)('asks: $name', ({ question, calls }) => {
      expect(adapter.word(question).map(({ url, body }) => ({ url, body: parsed(body) }))).toEqual(calls)
    })

    it.each(golden)('reads: $name', ({ question, answers, findings }) => {
      expect(answers.flatMap((answer, call) => adapter.read(question, call, success(answer)))).toEqual(findings)
    })

    it('asks in JSON, at the same address whatever the text, and with no text outside of the body', () => {
      const urls = adapter.word(asking(['one'])).map(({ url }) => url)
      fc.assert(
        fc.property(texts, (some) => {
          for (const { url, headers, body } of adapter.word(asking(some))) {
            expect(urls).toContain(url)
            expect(headers).toEqual({ 'content-type': 'application/json', accept: 'application/json' })
            expect(isJsonObject(parsed(body))).toBe(true)
          }
        }),
      )
    })

    it('finds nothing where the service saw nothing', () => {
      fc.assert(
        fc.property(texts, (some) => {
          const question = asking(some)
          const asked = some.filter((text) => text.trim() !== '').length
          const calls = adapter.word(question).length
          for (let call = 0; call < calls; call += 1)
            expect(adapter.read(question, call, success(nothing(calls === 1 ? asked : 1)))).toEqual([])
        }),
      )
    })

    it('asks nothing where there is nothing to judge', () => {
      expect(adapter.word(asking(['', ' \n']))).toEqual([])
    })

    it.each([0, 199, 201, 204, 301, 400, 401, 403, 404, 413, 429, 500, 503])(
      'takes status %i for nonsense',
      (status) => {
        for (const { question, answers } of golden)
          for (const [call, answer] of answers.entries())
            expectNonsense(() => adapter.read(question, call, { status, body: JSON.stringify(answer) }), question)
      },
    )

    it('G5: takes an answer that is cut short for nonsense', () => {
      for (const { question, answers } of golden)
        for (const [call, answer] of answers.entries()) {
          const body = JSON.stringify(answer)
          for (let end = 0; end < body.length; end += 1)
            expectNonsense(() => adapter.read(question, call, { status: 200, body: body.slice(0, end) }), question)
        }
    })

    it('G5: reads whatever else it is answered, or takes it for nonsense', () => {
      for (const { question, answers } of golden)
        for (const [call, answer] of answers.entries())
          for (const mutant of mutantsOf(answer)) {
            const read = outcomeOf(() => adapter.read(question, call, success(mutant)), question)
            for (const finding of read) checkFinding(finding, question)
          }
    })

    it.each([
      ['nothing', ''],
      ['words', 'Bad Gateway'],
      ['a page', '<html></html>'],
      ['deep JSON', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
      ['what is not quite JSON', "{'flagged': False}"],
      ['a list', '[[]]'],
      ['an object that holds nothing', '{}'],
      ['null', 'null'],
    ])('G5: takes %s for nonsense', (_what, body) => {
      for (const { question } of golden)
        expectNonsense(() => adapter.read(question, 0, { status: 200, body }), question)
    })

    if (seenAt)
      it('puts places where they belong, among emoji and combining letters too', () => {
        fc.assert(
          fc.property(
            fc.array(fc.constantFrom(...characters), { minLength: 3, maxLength: 40 }),
            fc.nat(),
            fc.nat(),
            (letters, one, other) => {
              const text = `a${letters.join('')}z`
              const codePoints = [...text]
              const [start, end] = [one % codePoints.length, other % (codePoints.length + 1)].toSorted((a, b) => a - b)
              if (start === undefined || end === undefined || start === end) return
              const expected = codePoints.slice(start, end).join('')
              const found = adapter.read(asking([text]), 0, success(seenAt(text, start, end)))
              expect(found.some(({ span }) => span?.start === codePoints.slice(0, start).join('').length)).toBe(true)
              for (const { span } of found) expect(text.slice(span?.start, span?.end)).toBe(expected)
            },
          ),
        )
      })
  })
}

/** Letters of one and two UTF-16 units, marks that belong to the letter before, and an emoji of several code points. */
const characters = ['a', ' ', 'e\u0301', '\u0308', 'ß', '語', '😀', '👩‍👩‍👧', '𝒳', '🇩🇪', '\n', '"', '\\']

const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { minLength: 1, maxLength: 4 })

function asking(some: readonly string[]): GuardQuestion {
  return {
    phase: 'input',
    texts: some.map((text, place) => ({ path: `messages[${place}].content`, place: 'user', text, isJsonText: false })),
  }
}

function success(answer: Json): GuardAnswer {
  return { status: 200, body: JSON.stringify(answer) }
}

function parsed(body: string): unknown {
  const value: unknown = JSON.parse(body)
  return value
}

function outcomeOf(read: () => readonly ExternalFinding[], question: GuardQuestion): readonly ExternalFinding[] {
  try {
    return read()
  } catch (thrown) {
    checkFailure(thrown, question)
    return []
  }
}

function expectNonsense(read: () => unknown, question: GuardQuestion): void {
  let thrown: unknown
  try {
    read()
  } catch (failure) {
    thrown = failure
  }
  checkFailure(thrown, question)
}

/** Looked at some thousand times: by hand, since a matcher takes longer than a reader. */
function checkFailure(thrown: unknown, { texts: asked }: GuardQuestion): void {
  if (!(thrown instanceof GuardFailure)) throw new Error('no GuardFailure', { cause: thrown })
  const told = String(thrown)
  const words = asked.flatMap(({ text }) => text.split(/\s+/)).filter((word) => word.length > 5)
  const isQuoted = [...words, hostile].some((word) => told.includes(word))
  if (thrown.kind !== 'nonsense' || thrown.cause !== undefined || isQuoted) throw new Error('wrong', { cause: thrown })
}

function checkFinding(finding: ExternalFinding, { texts: asked }: GuardQuestion): void {
  const { text, kind, score, span, replacement } = finding
  const whole = asked[text]?.text
  const isRight =
    whole !== undefined &&
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(kind) &&
    (score === undefined || (score >= 0 && score <= 1)) &&
    // Within the text, and nothing is cut in two.
    (!span || (span.start >= 0 && span.start < span.end && span.end <= whole.length)) &&
    (!span || whole.slice(span.start, span.end).isWellFormed()) &&
    (replacement === undefined || typeof replacement === 'string')
  if (!isRight) throw new Error(`a finding that is none: ${JSON.stringify(finding)}`)
}

const hostile = 'Zyzzogeton'
const hostileValues: readonly Json[] = [
  null,
  true,
  -1,
  0.5,
  7,
  1e308,
  '',
  hostile,
  '-1',
  '99999999',
  `${hostile}\u0000😀`.repeat(40),
  [],
  [null],
  {},
  { toString: hostile, valueOf: 1, constructor: hostile, length: -1 },
  JSON.parse('{"__proto__": {"flagged": true}, "hasOwnProperty": 1}'),
]

/** The answer with each of its values, at any depth, in turn replaced by each hostile one, left out, or written twice. */
function* mutantsOf(value: Json): Generator<Json> {
  yield* hostileValues
  if (Array.isArray(value)) {
    const items: readonly Json[] = value
    for (const [place, item] of items.entries()) {
      yield items.toSpliced(place, 1)
      yield items.toSpliced(place, 0, item)
      for (const mutant of mutantsOf(item)) yield items.with(place, mutant)
    }
  } else if (isJsonObject(value))
    for (const [key, member] of Object.entries(value)) {
      const { [key]: _left, ...others } = value
      yield others
      yield { ...others, [hostile]: member, toString: member }
      for (const mutant of mutantsOf(member)) yield { ...value, [key]: mutant }
    }
}
