import { codesOf } from '../codes.ts'
import { plainWords } from './plain-words.ts'
import { patternIndex } from '../pattern-index.ts'
import { signs } from './signs.ts'

/** Words and pairs of words share so many weights: which one is told by a hash. */
export const hashedFeatures = 32_768
/** What a text looks like, after those. */
export const shapes = [
  'imperatives',
  'late-imperative',
  'long',
  'short',
  'you',
  'code',
  'other-script',
  'quotes',
] as const
export const featureCount = hashedFeatures + shapes.length + signs.length

/** No more of a text is looked at in one piece. */
export const longestPiece = 6_000
/** How much the shape of a text may weigh beside its words. */
const shapeScale = 0.3
/** A sign is more than a word. */
const signScale = 0.6

/** A text as numbers: places of weights, and how much each counts. */
export interface Features {
  readonly places: Int32Array
  readonly values: Float32Array
}

/** Kept between texts, since most of each is nought: how often each weight's words occur, and which do at all. */
const counts = new Uint16Array(hashedFeatures)
const touched = new Int32Array(hashedFeatures)
/** What a word weighs by how often it occurs, for numbers that are common. */
const weightsOfCounts = Float64Array.from({ length: 256 }, (_, count) => weightOfCount(count))
const signsIn = patternIndex(signs)

/** Words, pairs of neighbours and pairs with a word between, each as often as it occurs (logarithmically), together of length 1; and the shape. */
export function featuresOf(text: string): Features {
  const plain = plainWords(text.length > longestPiece ? text.slice(0, longestPiece) : text)
  const codes = codesOf(plain)
  const words = countWords(codes, plain.length)
  const shape = shapeOf(plain, text)
  const seen = signsIn(plain, codes)
  const size = words + shape.length + seen.length
  const places = new Int32Array(size)
  const values = new Float32Array(size)
  let square = 0
  for (let at = 0; at < words; at += 1) {
    const place = touched[at] ?? 0
    const count = counts[place] ?? 1
    const value = weightsOfCounts[count] ?? weightOfCount(count)
    counts[place] = 0
    places[at] = place
    values[at] = value
    square += value * value
  }
  const scale = square === 0 ? 0 : 1 / Math.sqrt(square)
  for (let at = 0; at < words; at += 1) values[at] = (values[at] ?? 0) * scale
  for (const [at, value] of shape.entries()) {
    places[words + at] = hashedFeatures + at
    values[words + at] = value * shapeScale
  }
  for (const [at, sign] of seen.entries()) {
    places[words + shape.length + at] = hashedFeatures + shapes.length + sign
    values[words + shape.length + at] = signScale
  }
  return { places, values }
}

function weightOfCount(count: number): number {
  return 1 + Math.log(Math.max(1, count))
}

/** Counts each word of a text, and its pairs. @returns how many weights are touched. */
function countWords(codes: Uint16Array, length: number): number {
  const hashes = new Int32Array(length + 1)
  const words = hashWords(codes, length, hashes)
  let size = 0
  let last = 0
  let lastButOne = 0
  for (let at = 0; at < words; at += 1) {
    const word = hashes[at] ?? 0
    size = countOne(word, size)
    if (last !== 0) size = countOne(Math.imul(last, 31) ^ word ^ 0x5bd1e995, size)
    if (lastButOne !== 0) size = countOne(Math.imul(lastButOne, 17) ^ word ^ 0x1b873593, size)
    lastButOne = last
    last = word
  }
  return size
}

/** @param size how many are touched. @returns how many are now. */
function countOne(hash: number, size: number): number {
  const place = placeOf(hash)
  const before = counts[place] ?? 0
  counts[place] = before + 1
  if (before !== 0) return size
  touched[size] = place
  return size + 1
}

/**
 * The hash (FNV-1a) of each word: letters and digits of any script; a sign of Chinese or Japanese is a word.
 * @param hashes takes them, in order. @returns how many there are.
 */
function hashWords(codes: Uint16Array, length: number, hashes: Int32Array): number {
  const basis = 0x811c9dc5 | 0
  let size = 0
  let hash = basis
  for (let place = 0; place <= length; place += 1) {
    const code = codes[place] ?? 0
    const isIdeograph = code >= 0x3040 && code <= 0x9fff
    if (!isIdeograph && isOfWord(code)) {
      hash = Math.imul(hash ^ code, 0x01000193)
      continue
    }
    if (hash !== basis) {
      hashes[size] = hash
      size += 1
    }
    hash = basis
    if (!isIdeograph) continue
    hashes[size] = Math.imul(basis ^ code, 0x01000193)
    size += 1
  }
  return size
}

function isOfWord(code: number): boolean {
  if (code < 128) return isAsciiOfWord[code] === 1
  return code > 0xbf && (code < 0x2000 || code > 0x206f)
}

const isAsciiOfWord = Uint8Array.from({ length: 128 }, (_, code) =>
  /[a-z\d']/.test(String.fromCharCode(code)) ? 1 : 0,
)

/** Spreads a hash over all its bits; a power of two of them is kept. */
function placeOf(hash: number): number {
  const value = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return (value ^ (value >>> 12)) & (hashedFeatures - 1)
}

/** How somebody begins who wants something done. */
const imperative =
  /^(?:please |now |instead,? |also,? )?(?:write|draft|create|tell|describe|explain|provide|give|list|generate|translate|suggest|recommend|compose|help|find|summarize|design|make|answer|ignore|forget|disregard|pretend|act|respond|reply|say|print|output|repeat|reveal|show|send|share|include|encode|replace|use|convert|upgrade|modify|add|insert|change|what|how|why|who|can|could|please)(?: |$)/

export /** Who wants more is not more of an attacker. */
const mostWants = 3
/** Looked for first: hardly a text has one. */
const codeWords = ['traceback', 'def ', 'import ', 'class ', 'const ', 'function ']
const code = /traceback|^\s*(?:def|import|class|const|function) /m

function shapeOf(plain: string, text: string): readonly number[] {
  let sentences = 0
  let wants = 0
  let isFirst = false
  for (const sentence of plain.split(/[.!?\n]+\s*/)) {
    if (sentence.length <= 2) continue
    sentences += 1
    if (wants === mostWants || !imperative.test(sentence)) continue
    wants += 1
    if (sentences === 1) isFirst = true
  }
  const you = plain.match(/\byou\b/g)?.length ?? 0
  return [
    wants / mostWants,
    sentences > 3 && wants > 0 && !isFirst ? 1 : 0,
    Math.min(1, text.length / 4_000),
    text.length < 120 ? 1 : 0,
    Math.min(1, you / 10),
    codeWords.some((word) => plain.includes(word)) && code.test(plain) ? 1 : 0,
    /[\u0080-\uffff]/.test(text) ? 1 : 0,
    (text.match(/"/g)?.length ?? 0) > 3 ? 1 : 0,
  ]
}
