import { describe, expect, it } from 'vitest'
import { isJsonObject, type Json } from '../../canonical/json.ts'
import { writeSse } from '../../wire/sse.ts'
import { errorsKeepKind } from './errors-keep-kind.ts'
import { exchangesOf } from './exchanges.ts'
import { judge, type Exception } from './exceptions.ts'
import type { Subject } from './law.ts'
import type { Material } from './material.ts'
import { fullEffort, laws, resultsOf, runLaws } from './run-laws.ts'
import { toyDialect, type Fault } from './toy-dialect.ts'

/** The laws judge toys: one that keeps them all, and others that break one thing each. */
describe('the laws', () => {
  it('hold for a dialect that keeps them, and every law has something to judge', () => {
    expect(failuresOf(toyDialect('rich', true), plain)).toEqual([])
    expect(failuresOf(plain, toyDialect('rich', true))).toEqual([])
    const judged = runLaws(benchOf(plain, toyDialect('rich', true))).map(({ law }) => law)
    expect(new Set(judged)).toEqual(new Set(laws.map(({ name }) => name)))
  })

  it.each([
    ['forgets unknown fields of messages', 'round trip of a call'],
    ['throws', 'round trip of a call'],
    ['forgets unknown fields of answers', 'round trip of an answer'],
    ['forgets unknown fields of frames', 'round trip of a stream'],
    ['writes every message anew', 'locality of an edited text'],
    ['writes every message anew', 'locality of an edited tool result'],
    ['writes every message anew', 'locality of an edited tool description'],
    ['leaves nodes loose', 'frozen nodes'],
    ['writes every message anew', 'both relays agree on a call'],
    ['says its last frame twice', 'both relays agree on a stream'],
    ['drops thoughts from streams', 'a body told as a stream'],
    ['drops thoughts from bodies', 'a stream told as a body'],
    ['adds usage up', 'a stream is what the SDK makes of it'],
    ['never ends a block', 'events keep their grammar'],
    ['keeps views of bytes', 'any cut gives the same events'],
  ] as const satisfies readonly (readonly [Fault, string])[])('notice a dialect that %s: %s', (fault, law) => {
    const broken = toyDialect('rich', true, fault)
    expect(failuresOf(broken, plain)).toContain(law)
  })

  it.each([
    ['says nothing of names', 'no silent loss of a field of a call'],
    ['says nothing of names', 'no silent loss of a text of a call'],
    ['echoes frames of others', 'an answer in another dialect says the same'],
    ['echoes frames of others', 'a stream in another dialect says the same'],
    ['says nothing of thoughts in answers', 'no silent loss of a field of an answer'],
    ['says nothing of thoughts in answers', 'no silent loss of a text of an answer'],
  ] as const satisfies readonly (readonly [Fault, string])[])('notice a target that %s: %s', (fault, law) => {
    expect(failuresOf(toyDialect('rich', true), toyDialect('plain', false, fault))).toContain(law)
  })

  it('notice a dialect that changes the kind of an error', () => {
    const rich = toyDialect('rich', true)
    const broken = toyDialect('broken', true, 'calls every problem the caller’s')
    const problems = [{ id: 'p', status: 429, body: { error: { type: 'rate_limit_error', message: 'slow' } } }]
    const failing = (subject: Subject) =>
      errorsKeepKind.map(
        ({ trials }) =>
          [...trials({ subject, speakers: [subject, broken], problems })].filter(({ failures }) => failures.length > 0)
            .length,
      )
    expect(failing(broken).every((count) => count > 0)).toBe(true)
    const [ofKinds] = errorsKeepKind.map(({ trials }) => [...trials({ subject: rich, speakers: [rich], problems })])
    // Inside a stream there is no status: words alone do not tell every kind.
    const inBodies = ofKinds?.flatMap(({ failures }) => failures).filter(({ what }) => !what.includes('stream'))
    expect(inBodies).toEqual([])
  })

  it('excuse a listed failure, and report exceptions for what does not fail', () => {
    const results = resultsOf('l', 'd', [
      { id: 'a', failures: [{ what: 'w', detail: '' }] },
      { id: 'b', failures: [{ what: 'w', detail: '' }] },
      { id: 'c', failures: [] },
    ])
    const exceptions: readonly Exception[] = [{ law: 'l', row: 'd', what: 'w', reason: 'because', ids: ['a', 'c'] }]
    const { table, unlistedFailures, needless } = judge(results, exceptions, true)
    expect(table).toEqual([{ law: 'l', row: 'd', holders: 3, passed: 1, listed: 1, unlisted: 1 }])
    expect(unlistedFailures.map(({ id }) => id)).toEqual(['b'])
    expect(needless).toEqual(['l | d | c | w'])
    expect(judge(results, exceptions, false).needless).toEqual([])
  })
})

const plain = toyDialect('plain', false)

const frames = [
  { t: 'open', id: 'a1' },
  { t: 'start', kind: 'thought' },
  { t: 'more', text: 'Hm' },
  { t: 'stop' },
  { t: 'start', kind: 'text' },
  { t: 'more', text: 'Grü' },
  { t: 'more', text: 'ße 😀' },
  { t: 'stop' },
  { t: 'close' },
  { t: 'usage', out: 1 },
  { t: 'usage', out: 7 },
  'bye',
]

const material: Material = {
  apis: [],
  leftOut: {},
  golden: [
    {
      name: 'all there is',
      call: {
        model: 'm',
        messages: [
          { who: 'user', name: 'Ada', say: [{ text: 'What is it?' }] },
          { who: 'model', say: [{ text: 'I ask.' }], mood: 'calm' },
          { who: 'user', say: [{ of: 'u1', text: '22 degrees' }] },
        ],
        tools: [{ name: 'ask', about: 'Asks.', schema: { type: 'object' } }],
      },
      answer: {
        id: 'a1',
        parts: [
          { kind: 'thought', text: 'Hm' },
          { kind: 'text', text: 'Grüße' },
        ],
        out: 7,
      },
      stream: frames.map((frame) => writeSse(undefined, JSON.stringify(frame))).join(''),
    },
  ],
  freeFormInAnswers: [],
  defaults: [
    { pattern: 'messages[].who', values: ['user'], reason: 'a message is the user’s unless it says otherwise' },
    { pattern: 'parts[].kind', values: ['text'], reason: 'a part is text unless it says otherwise' },
  ],
  repeated: [],
  accumulate: (said) => [{ text: textIn(said, 'text'), thoughts: textIn(said, 'thought'), toolCalls: [] }],
}

function textIn(said: readonly Json[], wanted: string): string {
  let kind: Json = ''
  let text = ''
  for (const frame of said) {
    if (!isJsonObject(frame)) continue
    if (frame['t'] === 'start') kind = frame['kind'] ?? ''
    if (frame['t'] === 'more' && kind === wanted) text += String(frame['text'] ?? frame['words'])
  }
  return text
}

function benchOf(subject: Subject, other: Subject) {
  const ownMaterial = subject.name === 'plain' ? withoutThoughts(material) : material
  return {
    subject,
    others: [other],
    exchanges: exchangesOf(subject, ownMaterial),
    material: ownMaterial,
    effort: { ...fullEffort, cutsPerStream: 5 },
  }
}

/** The plain toy's own cases: it has no word for names and thoughts. */
function withoutThoughts(rich: Material): Material {
  const golden = rich.golden.map((one) => ({
    ...one,
    answer: { id: 'a1', parts: [{ kind: 'text', words: 'Grüße' }], out: 7 },
    stream: frames
      .toSpliced(1, 3)
      .map((frame) => inPlain(frame))
      .map((frame) => writeSse(undefined, JSON.stringify(frame)))
      .join(''),
  }))
  return { ...rich, golden }
}

function inPlain(frame: (typeof frames)[number]): Json {
  if (typeof frame === 'string' || frame.text === undefined) return JSON.parse(JSON.stringify(frame))
  return { t: 'more', words: frame.text }
}

function failuresOf(subject: Subject, other: Subject): readonly string[] {
  const failing = runLaws(benchOf(subject, other)).filter(({ trials }) =>
    trials.some(({ failures }) => failures.length > 0),
  )
  return failing.map(({ law }) => law)
}
