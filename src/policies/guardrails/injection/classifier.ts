import { createHash } from 'node:crypto'
import { featureCount, featuresOf, longestPiece } from './features.ts'
import { hiddenTexts } from './hidden-texts.ts'
import { scoreOf, type Model } from './model.ts'
import weights from './weights.json' with { type: 'json' }

/** What `scripts/train-injection.ts` wrote. */
const built: Model = { weights: unpacked(weights.weights, weights.scale), bias: weights.bias }

/** The score from which a text is taken for an attack: where two of a hundred harmless texts are, when it was trained. */
export const builtInThreshold: number = weights.threshold

const learnt: ReadonlySet<string> = new Set(weights.learnt.match(/.{10}/g))

/** Whether the built-in model was trained on exactly this text: no score of it says anything. */
export function wasLearnt(text: string): boolean {
  return learnt.has(createHash('sha256').update(text).digest('hex').slice(0, 10))
}

/** How likely a text is one that would have a model do what its operator did not ask for, from 0 to 1. What hides in it is judged too. */
export function injectionScore(text: string, model: Model = built): number {
  let most = 0
  for (const one of [text, ...hiddenTexts(text)])
    // Of a long text, each piece by itself, so that a sentence is not lost in a book.
    for (let from = 0; from === 0 || from < one.length - longestPiece / 4; from += longestPiece / 2)
      most = Math.max(most, scoreOf(featuresOf(one.slice(from, from + longestPiece)), model))
  return most
}

function unpacked(packed: string, scale: number): Float32Array {
  const bytes = Buffer.from(packed, 'base64')
  if (bytes.length !== featureCount) throw new Error('the weights do not fit the features: train them anew')
  return Float32Array.from(bytes, (byte) => ((byte << 24) >> 24) * scale)
}
