import type { Extent } from '../canonical/extent.ts'
import type { UsageComponent } from '../canonical/usage.ts'
import type { RatedPrice } from './rated-price.ts'
import type { WorstUsage } from './worst-cost.ts'

type Kinds = Pick<WorstUsage, 'inputKinds' | 'outputKinds'>

/**
 * Which kinds of tokens a call can come to that cost more than plain text. Looks for the words by which every dialect asks for
 * them, wherever they stand: a text that only mentions one makes its bound larger, never smaller.
 */
export function dearKindsIn(body: Buffer, extent: Extent, price: Pick<RatedPrice, 'bands'>): Kinds {
  const isAsked = (words: readonly string[]) => words.some((word) => body.includes(word))
  const isUnseen = extent.unseen.length > 0
  const dear = (kinds: Kinds['inputKinds']) => kinds.filter((kind) => isDearer(price, kind, 'inputUncached'))
  const dearOutput = (kinds: Kinds['outputKinds']) => kinds.filter((kind) => isDearer(price, kind, 'outputText'))

  const writes = dear(['cacheWrite5m', 'cacheWrite1h', 'cacheWriteOther'])
  const images = extent.images > 0 || isUnseen ? dear(['inputImage']) : []
  const heard = dear(['inputAudio'])
  const spoken = dearOutput(['outputAudio'])
  const drawn = dearOutput(['outputImage'])
  const isAudio = heard.length + spoken.length > 0 && (isUnseen || isAsked(['audio', 'AUDIO']))
  return {
    inputKinds: [...(writes.length > 0 && isAsked(cacheWords) ? writes : []), ...images, ...(isAudio ? heard : [])],
    outputKinds: [...(isAudio ? spoken : []), ...(drawn.length > 0 && isAsked(imageWords) ? drawn : [])],
  }
}

/** Most prices have no kind of their own for most kinds, and then nothing needs to be looked for. */
function isDearer({ bands }: Pick<RatedPrice, 'bands'>, kind: UsageComponent, than: UsageComponent): boolean {
  return bands.some(({ rates }) => rates[kind] > rates[than])
}

/** Anthropic and OpenRouter; OpenAI; Gemini; Bedrock. */
const cacheWords = ['cache_control', 'prompt_cache', 'cachedContent', 'cachePoint']
/** OpenAI's tool and OpenRouter's modality; Gemini's modality. */
const imageWords = ['image_generation', '"image"', '"IMAGE"']
