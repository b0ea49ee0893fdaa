import { plainWords } from './plain-words.ts'
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

const counts = new Float32Array(hashedFeatures)

/** Words, pairs of neighbours and pairs with a word between, each as often as it occurs (logarithmically), together of length 1; and the shape. */
export function featuresOf(text: string): Features {
  const plain = plainWords(text.length > longestPiece ? text.slice(0, longestPiece) : text)
  const touched: number[] = []
  const count = (hash: number): void => {
    const place = mixed(hash) % hashedFeatures
    if (counts[place] === 0) touched.push(place)
    counts[place] = (counts[place] ?? 0) + 1
  }
  let last = 0
  let lastButOne = 0
  eachWord(plain, (word) => {
    count(word)
    if (last !== 0) count(Math.imul(last, 31) ^ word ^ 0x5bd1e995)
    if (lastButOne !== 0) count(Math.imul(lastButOne, 17) ^ word ^ 0x1b873593)
    lastButOne = last
    last = word
  })
  const shape = shapeOf(plain, text)
  const seen = signs.flatMap((sign, at) => (sign.test(plain) ? [at] : []))
  const size = touched.length + shape.length + seen.length
  const places = new Int32Array(size)
  const values = new Float32Array(size)
  let square = 0
  for (const [at, place] of touched.entries()) {
    const value = 1 + Math.log(counts[place] ?? 1)
    counts[place] = 0
    places[at] = place
    values[at] = value
    square += value * value
  }
  const scale = square === 0 ? 0 : 1 / Math.sqrt(square)
  for (let at = 0; at < touched.length; at += 1) values[at] = (values[at] ?? 0) * scale
  for (const [at, value] of shape.entries()) {
    places[touched.length + at] = hashedFeatures + at
    values[touched.length + at] = value * shapeScale
  }
  for (const [at, sign] of seen.entries()) {
    places[touched.length + shape.length + at] = hashedFeatures + shapes.length + sign
    values[touched.length + shape.length + at] = signScale
  }
  return { places, values }
}

/** Calls with the hash (FNV-1a) of each word: letters and digits of any script; a sign of Chinese or Japanese is a word. */
function eachWord(text: string, take: (hash: number) => void): void {
  const basis = 0x811c9dc5
  let hash = basis
  for (let place = 0; place <= text.length; place += 1) {
    const code = place < text.length ? text.charCodeAt(place) : 32
    const isIdeograph = code >= 0x3040 && code <= 0x9fff
    if (isOfWord(code) && !isIdeograph) {
      hash = Math.imul(hash ^ code, 0x01000193)
      continue
    }
    if (hash !== basis) take(hash)
    hash = basis
    if (isIdeograph) take(Math.imul(basis ^ code, 0x01000193))
  }
}

function isOfWord(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 48 && code <= 57) ||
    code === 39 ||
    (code > 0xbf && (code < 0x2000 || code > 0x206f))
  )
}

/** Spreads a hash over all its bits. */
function mixed(hash: number): number {
  let value = hash ^ (hash >>> 15)
  value = Math.imul(value, 0x2c1b3c6d)
  return (value ^ (value >>> 12)) >>> 0
}

/** How somebody begins who wants something done. */
const imperative =
  /^(?:please |now |instead,? |also,? )?(?:write|draft|create|tell|describe|explain|provide|give|list|generate|translate|suggest|recommend|compose|help|find|summarize|design|make|answer|ignore|forget|disregard|pretend|act|respond|reply|say|print|output|repeat|reveal|show|send|share|include|encode|replace|use|convert|upgrade|modify|add|insert|change|what|how|why|who|can|could|please) /

function shapeOf(plain: string, text: string): readonly number[] {
  const sentences = plain.split(/[.!?\n]+\s*/).filter(({ length }) => length > 2)
  const wants = sentences.map((sentence) => imperative.test(`${sentence} `))
  const isLate = sentences.length > 3 && wants[0] !== true && wants.includes(true)
  const you = plain.match(/\byou\b/g)?.length ?? 0
  return [
    Math.min(1, wants.filter(Boolean).length / 3),
    isLate ? 1 : 0,
    Math.min(1, text.length / 4_000),
    text.length < 120 ? 1 : 0,
    Math.min(1, you / 10),
    /traceback|^\s*(?:def|import|class|const|function) /m.test(plain) ? 1 : 0,
    /[\u0080-\uffff]/.test(text) ? 1 : 0,
    (text.match(/"/g)?.length ?? 0) > 3 ? 1 : 0,
  ]
}
