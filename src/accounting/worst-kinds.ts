import type { Extent } from '../canonical/extent.ts'
import type { WorstUsage } from './worst-cost.ts'

/**
 * Which kinds of tokens a call can come to, besides plain text. Looks for the words by which every dialect asks for them,
 * wherever they stand: a text that only mentions one makes its bound larger, never smaller.
 */
export function kindsIn(body: Buffer, extent: Extent): Pick<WorstUsage, 'inputKinds' | 'outputKinds'> {
  const inputKinds: WorstUsage['inputKinds'][number][] = []
  const outputKinds: WorstUsage['outputKinds'][number][] = []
  if (cacheWords.some((word) => body.includes(word))) inputKinds.push('cacheWrite5m', 'cacheWrite1h', 'cacheWriteOther')
  if (extent.images > 0 || extent.unseen.length > 0) inputKinds.push('inputImage')
  if (extent.unseen.length > 0 || body.includes('audio')) {
    inputKinds.push('inputAudio')
    outputKinds.push('outputAudio')
  }
  if (imageWords.some((word) => body.includes(word))) outputKinds.push('outputImage')
  return { inputKinds, outputKinds }
}

/** Anthropic and OpenRouter; OpenAI; Gemini; Bedrock. */
const cacheWords = ['cache_control', 'prompt_cache', 'cachedContent', 'cachePoint']
/** OpenAI's tool and OpenRouter's modality; Gemini's modality. */
const imageWords = ['image_generation', '"image"', '"IMAGE"']
