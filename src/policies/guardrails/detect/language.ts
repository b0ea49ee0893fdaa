import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Detector } from './detector.ts'

/** The 60 languages that can be told apart, as ISO 639-1 writes them. */
export const languages =
  'am ar az be bg bn ca cs da de el en es et eu fa fi fr gu he hi hr hu hy is it ja ka kn ko ku lo lt lv ml mr ms nl no or pa pl pt ro ru sk sl sq sr sv ta te th tl tr uk ur vi yo zh'.split(
    ' ',
  )

/** Fewer letters say too little: `ok` is a word of many. */
export const fewestLetters = 32
/** Of a script that no allowed language is written in, so many are enough, where they are most of a text. */
export const fewestOfScript = 8
/** An allowed language that fits nearly as well is taken for it: neighbours differ in few words. */
const nearly = 0.95
/** A long text is judged by so many samples of this length, spread over it. */
const mostSamples = 8
const sampleLength = 1_000

/**
 * Whole texts in another language than these. Texts with few letters, and what no language fits well, are let be. Code, whose words are
 * English ones, counts as English unless it stands in a fence.
 */
export function languageDetector(allowed: readonly string[]): Detector {
  const detect = openDetect()
  const foreign = scripts.flatMap(([script, of]) => (of.some((one) => allowed.includes(one)) ? [] : [script]))
  const isOther = (sample: string): boolean => {
    const letters = sample.match(/\p{L}/gu)?.length ?? 0
    if (foreign.some((script) => isMostly(sample.match(script)?.length ?? 0, letters))) return true
    if (letters < fewestLetters) return false
    const told = detect(sample)
    if (!told.isReliable() || allowed.includes(told.language)) return false
    const scores = told.getScores()
    const best = Math.max(...allowed.map((language) => scores[language] ?? 0))
    return best < nearly * (scores[told.language] ?? 0)
  }
  return {
    kind: 'language',
    find: (text) => (samplesOf(text).some(isOther) ? [{ kind: 'language', start: 0, end: text.length }] : []),
    // Nobody knows before its end.
    liveFrom: () => 0,
  }
}

const library = z.object({
  eld: z.object({
    detect: z.custom<
      (text: string) => {
        readonly language: string
        readonly isReliable: () => boolean
        readonly getScores: () => Readonly<Record<string, number>>
      }
    >((value) => typeof value === 'function'),
  }),
})

/** Its n-grams are 1 MB of source and 30 MB in memory: read when a rule first wants them, and not before. */
function openDetect() {
  const load = createRequire(import.meta.url)
  return library.parse(load(fileURLToPath(import.meta.resolve('eld/extrasmall')))).eld.detect
}

function samplesOf(text: string): readonly string[] {
  const samples: string[] = []
  const step = Math.max(sampleLength, Math.ceil(text.length / mostSamples))
  for (let from = 0; from < text.length; from += step) samples.push(words(text.slice(from, from + sampleLength)))
  return samples
}

/** Without what belongs to no language: code in fences and quotes, links, addresses, long runs of signs. */
function words(sample: string): string {
  return sample
    .replaceAll(/```[^`]{0,1000}(?:```|$)|`[^`\n]{1,100}`/g, ' ')
    .replaceAll(/[!-~]{0,64}[/@\\_=<>{}][!-~]{0,200}|[!-~]{40,1000}/g, ' ')
}

/** Scripts with the languages that are written in them. Those of Latin letters are told by their words. */
const scripts: readonly (readonly [script: RegExp, languages: readonly string[]])[] = [
  [/\p{Script=Cyrillic}/gu, ['az', 'be', 'bg', 'ru', 'sr', 'uk']],
  [/\p{Script=Arabic}/gu, ['ar', 'fa', 'ku', 'ur', 'az', 'ms', 'pa']],
  [/\p{Script=Devanagari}/gu, ['hi', 'mr']],
  [/\p{Script=Han}/gu, ['zh', 'ja', 'ko']],
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/gu, ['ja']],
  [/\p{Script=Hangul}/gu, ['ko']],
  [/\p{Script=Greek}/gu, ['el']],
  [/\p{Script=Hebrew}/gu, ['he']],
  [/\p{Script=Thai}/gu, ['th']],
  [/\p{Script=Lao}/gu, ['lo']],
  [/\p{Script=Bengali}/gu, ['bn']],
  [/\p{Script=Gujarati}/gu, ['gu']],
  [/\p{Script=Gurmukhi}/gu, ['pa']],
  [/\p{Script=Kannada}/gu, ['kn']],
  [/\p{Script=Malayalam}/gu, ['ml']],
  [/\p{Script=Oriya}/gu, ['or']],
  [/\p{Script=Tamil}/gu, ['ta']],
  [/\p{Script=Telugu}/gu, ['te']],
  [/\p{Script=Armenian}/gu, ['hy']],
  [/\p{Script=Georgian}/gu, ['ka']],
  [/\p{Script=Ethiopic}/gu, ['am']],
]

function isMostly(ofScript: number, letters: number): boolean {
  return ofScript >= fewestOfScript && ofScript > letters / 2
}
