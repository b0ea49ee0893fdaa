import type { Extent } from '../canonical/extent.ts'
import { isJsonObject, type Json, type JsonObject } from '../canonical/json.ts'
import type { UsageComponent } from '../canonical/usage.ts'
import type { RatedPrice } from './rated-price.ts'
import type { WorstUsage } from './worst-cost.ts'

type Kinds = Pick<WorstUsage, 'inputKinds' | 'outputKinds'>

/**
 * Which kinds of tokens a call can come to that cost more than plain text. A model that can answer in pictures or sound does so as it
 * likes, unless the call says in what it may answer. What the call holds is looked for by the words by which every dialect names it,
 * wherever they stand: a text that begins with one makes its bound larger, never smaller.
 * @param body as its dialect reads it: the bytes may spell a word in several ways.
 */
export function dearKindsIn(body: JsonObject, extent: Extent, price: Pick<RatedPrice, 'bands'>): Kinds {
  const { images, unseen, answersIn } = extent
  const isUnseen = unseen.length > 0
  const dear = (kinds: Kinds['inputKinds']) => kinds.filter((kind) => isDearer(price, kind, 'inputUncached'))
  const dearOutput = (modality: string, kinds: Kinds['outputKinds']) =>
    answersIn?.includes(modality) === false ? [] : kinds.filter((kind) => isDearer(price, kind, 'outputText'))

  const writes = dear(['cacheWrite5m', 'cacheWrite1h', 'cacheWriteOther'])
  const heard = dear(['inputAudio', 'cacheReadAudio'])
  return {
    inputKinds: [
      ...(writes.length > 0 && mentions(body, cacheWords) ? writes : []),
      ...(images > 0 || isUnseen ? dear(['inputImage', 'cacheReadImage']) : []),
      ...(heard.length > 0 && (isUnseen || mentions(body, soundWords)) ? heard : []),
    ],
    outputKinds: [...dearOutput('audio', ['outputAudio']), ...dearOutput('image', ['outputImage'])],
  }
}

/** Most prices have no kind of their own for most kinds, and then nothing needs to be looked for. */
function isDearer({ bands }: Pick<RatedPrice, 'bands'>, kind: UsageComponent, than: UsageComponent): boolean {
  return bands.some(({ rates }) => rates[kind] > rates[than])
}

/** Anthropic and OpenRouter; OpenAI; Gemini; Bedrock. */
const cacheWords = /cache_?control|prompt_?cache|cached_?content|cache_?point/i
/** In the types of parts and media, and in the addresses of data. */
const soundWords = /audio/i

/** A word stands in a key, or where a text begins: further on it is only spoken of. */
const textHeadLength = 256

function mentions(wire: Json, words: RegExp): boolean {
  if (typeof wire === 'string') return words.test(wire.length > textHeadLength ? wire.slice(0, textHeadLength) : wire)
  if (isJsonObject(wire)) return Object.entries(wire).some(([key, value]) => words.test(key) || mentions(value, words))
  return typeof wire === 'object' && wire !== null && wire.some((one) => mentions(one, words))
}
