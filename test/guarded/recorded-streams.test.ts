import { describe, expect, it } from 'vitest'
import { isJsonObject, type Json } from '../../src/canonical/json.ts'
import { dialects } from '../../src/dialects/all.ts'
import { chatDialectNames, type ChatDialect } from '../../src/dialects/dialect.ts'
import { exchangesOf, framesIn, type Frame, type StreamCase } from '../../src/dialects/laws/exchanges.ts'
import { materials } from '../../src/dialects/laws/material/all.ts'
import type { ChatTranslation } from '../../src/dialects/translation.ts'
import type { Detector } from '../../src/policies/guardrails/detect/detector.ts'
import { termsDetector } from '../../src/policies/guardrails/detect/terms.ts'
import { textsOf } from '../../src/policies/guardrails/texts.ts'
import { corpusDir, reportMissingCorpus } from '../corpus.ts'
import { askingRules, playedAsked } from './play-asked.ts'
import { answerRules, played, ruleOf } from './play.ts'

/*
 * Every stream of our own cases and of the recordings, with a rule that redacts a word that its model said: nowhere in what the client
 * gets does the word stand, neither in the pieces nor where a dialect says them again, or says more than canonical words hold (G1, G3).
 */
if (corpusDir === undefined) reportMissingCorpus('guarded streams')

const chats = chatDialectNames.map((name) => dialects[name])

describe('a word that is redacted', () => {
  for (const dialect of chats)
    it(`G1 G3: is nowhere in a guarded stream of ${dialect.name}`, () => {
      const leaks: string[] = []
      let tried = 0
      for (const stream of streamsOf(dialect))
        for (const word of wordsIn(dialect.translation, stream.frames)) {
          tried += 1
          const detector = termsDetector([word])
          const told = played(dialect, dialect, [stream.bytes], answerRules([ruleOf([detector], 'redact')]))
          for (const path of placesOf(detector, dialect.translation, told))
            leaks.push(`${stream.id}: ${word} in ${path}`)
        }
      expect(tried).toBeGreaterThan(0)
      expect(leaks).toEqual([])
    })
})

describe('a word that a guard elsewhere redacts', () => {
  for (const dialect of chats)
    for (const way of ['buffer', 'window'] as const)
      it(`G1 G3: is nowhere in a stream of ${dialect.name} that it looked at, ${way}`, async () => {
        const leaks: string[] = []
        let tried = 0
        for (const stream of streamsOf(dialect))
          for (const word of wordsIn(dialect.translation, stream.frames)) {
            const detector = termsDetector([word])
            const told = await playedAsked(dialect, dialect, [stream.bytes], askingRules(detector, way))
            if (told === undefined) continue
            tried += 1
            for (const path of placesOf(detector, dialect.translation, told))
              leaks.push(`${stream.id}: ${word} in ${path}`)
          }
        expect(tried).toBeGreaterThan(0)
        expect(leaks).toEqual([])
      })
})

/** Where a detector finds something in a stream as it was told: in single texts, and in those that are told in pieces. */
function placesOf(detector: Detector, translation: ChatTranslation, told: string): readonly string[] {
  const frames = framesIn(Buffer.from(told))
  const said = piecesIn(translation, frames)
  const pieces = new Set(said.map(([, text]) => text))
  return [...stringsIn(frames, pieces), ...joined(said)].flatMap(([path, text]) =>
    detector.find(text).length > 0 ? [path] : [],
  )
}

/** The few that are longer say nothing new, and take long. */
const longestBytes = 25_000
/** Spread evenly over those there are. */
const mostStreams = 100

function streamsOf(dialect: ChatDialect): readonly StreamCase[] {
  const { streams } = exchangesOf(dialect, materials[dialect.name])
  const short = streams.filter(({ bytes }) => bytes.length <= longestBytes)
  const step = Math.ceil(short.length / mostStreams)
  return short.filter((_, place) => place % step === 0)
}

/** The first and the last word of the texts that came in pieces: a last one is held back longest. */
function wordsIn(translation: ChatTranslation, frames: readonly Frame[]): ReadonlySet<string> {
  const words = joined(piecesIn(translation, frames)).map(([, text]) => text.match(/\b[A-Za-z]{3,}\b/g) ?? [])
  return new Set([...(words[0] ?? []).slice(0, 1), ...words.flatMap((ofText) => ofText.slice(-1)).slice(0, mostTexts)])
}

const mostTexts = 2

/** What was said, by its place. Streams that break off are read as far as they go. */
function piecesIn(translation: ChatTranslation, frames: readonly Frame[]): readonly (readonly [string, string])[] {
  const reader = translation.openEvents()
  return frames
    .flatMap(({ event, data }) => reader.read(event, Buffer.from(data)).events)
    .flatMap((event) => {
      if (event.kind !== 'block-delta') return []
      const { choice, block, delta } = event
      return delta.kind === 'text' || delta.kind === 'arguments' ? [[`${choice}/${block}`, delta.text] as const] : []
    })
}

function joined(pieces: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  const texts = new Map<string, string>()
  for (const [place, text] of pieces) texts.set(place, (texts.get(place) ?? '') + text)
  return [...texts]
}

/** Every other text of the frames. */
function stringsIn(frames: readonly Frame[], pieces: ReadonlySet<string>): readonly (readonly [string, string])[] {
  return frames.flatMap(({ event, data }) => {
    const value: Json = data.startsWith('{') ? JSON.parse(data) : null
    if (!isJsonObject(value)) return []
    return textsOf(value, () => undefined)
      .filter(({ text }) => !pieces.has(text))
      .map(({ path, text }) => [`${event} ${path}`, text] as const)
  })
}
