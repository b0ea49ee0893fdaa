import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { noUsage, type Usage } from '../../canonical/usage.ts'
import { isJsonArray } from '../shared/call-fields.ts'
import { CountReader, Whole } from '../shared/counts.ts'

/**
 * Reads a `usageMetadata` into components that do not overlap. `undefined`: it says nothing that can be believed.
 *
 * Thoughts and the prompts of tools that ran at Google stand beside the other counts and not within them: the total is the sum
 * of all four (recorded 2025-2026, Gemini and Vertex alike). What came from a cache is part of the prompt. The details split a
 * count by what it was; videos and documents are priced as text is.
 */
export function readUsage(said: JsonObject): Usage | undefined {
  const counts = new CountReader()
  const [prompt, toolUse, cache, output] = [
    modalities(said['promptTokensDetails'], counts),
    modalities(said['toolUsePromptTokensDetails'], counts),
    modalities(said['cacheTokensDetails'], counts),
    modalities(said['candidatesTokensDetails'], counts),
  ]
  const totalTokens = counts.count(said, 'totalTokenCount')
  const promptSaid = counts.count(said, 'promptTokenCount') ?? prompt.all
  const thoughts = counts.count(said, 'thoughtsTokenCount') ?? 0
  const toolPrompt = counts.count(said, 'toolUsePromptTokenCount') ?? toolUse.all ?? 0
  const candidatesSaid = counts.count(said, 'candidatesTokenCount') ?? output.all
  const cached = counts.count(said, 'cachedContentTokenCount') ?? cache.all
  if (!counts.isBelievable) return undefined
  const promptTokens = promptSaid ?? rest(totalTokens, (candidatesSaid ?? 0) + thoughts + toolPrompt)
  const candidates = candidatesSaid ?? rest(totalTokens, (promptTokens ?? 0) + thoughts + toolPrompt) ?? 0
  if (promptTokens === undefined) return undefined
  if (promptTokens + toolPrompt + candidates + thoughts === 0) return undefined

  const input = new Whole(promptTokens)
  const fromCache = new Whole(input.take(cached))
  const told = new Whole(candidates)
  return {
    ...noUsage,
    cacheReadAudio: fromCache.take(cache.audio),
    cacheReadImage: fromCache.take(cache.image),
    cacheRead: fromCache.rest,
    inputAudio: input.take(Math.max(0, prompt.audio - cache.audio)),
    inputImage: input.take(Math.max(0, prompt.image - cache.image)),
    inputUncached: input.rest + toolPrompt,
    outputReasoning: thoughts,
    outputAudio: told.take(output.audio),
    outputImage: told.take(output.image),
    outputText: told.rest,
  }
}

interface Modalities {
  /** `undefined`: nothing is split. */
  readonly all: number | undefined
  readonly audio: number
  readonly image: number
}

/** A clumsy client library tells the modality by its number (recorded 2025): 2 is an image, 4 a sound. */
function modalities(details: Json | undefined, counts: CountReader): Modalities {
  const found: { -readonly [Key in keyof Modalities]: Modalities[Key] } = { all: undefined, audio: 0, image: 0 }
  if (!isJsonArray(details)) return found
  for (const detail of details) {
    if (!isJsonObject(detail)) continue
    const { modality } = detail
    const count = counts.count(detail, 'tokenCount') ?? 0
    found.all = (found.all ?? 0) + count
    if (modality === 'AUDIO' || modality === 4) found.audio += count
    if (modality === 'IMAGE' || modality === 2) found.image += count
  }
  return found
}

function rest(whole: number | undefined, part: number): number | undefined {
  return whole === undefined ? undefined : Math.max(0, whole - part)
}
