/** Where the numbers of a usage come from, from best to worst. */
export type UsageSource =
  /** The provider said it, at the end of the answer. */
  | 'provider'
  /** The provider said part of it before the answer was cut (Anthropic tells input first); the rest is counted by us. */
  | 'partial'
  /** We counted what went over the wire. */
  | 'estimated'
  /** Nothing is known but what was asked: the outcome of a dispatched attempt was lost. */
  | 'worst_case'

/**
 * What a provider counted, in components that do not overlap, so that adding them never counts a token twice
 * (behaviour.md E3). Every component is a whole number, zero or more: of tokens, but for searches and what operations other than
 * chats count by. `outputText` excludes reasoning and audio.
 */
export interface Usage {
  readonly inputUncached: number
  /** Read from a prompt cache: of text, or of a kind that the provider does not tell. */
  readonly cacheRead: number
  readonly cacheReadAudio: number
  readonly cacheReadImage: number
  /** Written to a prompt cache that lives five minutes. */
  readonly cacheWrite5m: number
  /** Written to a prompt cache that lives one hour. */
  readonly cacheWrite1h: number
  /** Written to a cache whose lifetime the provider does not say. */
  readonly cacheWriteOther: number
  readonly inputAudio: number
  readonly inputImage: number
  readonly outputText: number
  readonly outputReasoning: number
  readonly outputAudio: number
  readonly outputImage: number
  /** Calls of the provider's own web search, billed per call and not per token. */
  readonly webSearches: number
  /** Searches through a list of documents, as reranking is billed. */
  readonly searches: number
  /** Pictures that were made. */
  readonly images: number
  /** Of sound that was listened to, a begun second whole. */
  readonly audioSeconds: number
  /** Of text that was spoken. */
  readonly characters: number
}

/** Nothing of anything, to spread before what is known. Its keys are all components there are. */
export const noUsage: Usage = Object.freeze({
  inputUncached: 0,
  cacheRead: 0,
  cacheReadAudio: 0,
  cacheReadImage: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  cacheWriteOther: 0,
  inputAudio: 0,
  inputImage: 0,
  outputText: 0,
  outputReasoning: 0,
  outputAudio: 0,
  outputImage: 0,
  webSearches: 0,
  searches: 0,
  images: 0,
  audioSeconds: 0,
  characters: 0,
})

/** What operations count that are not billed by tokens, or not by tokens alone. */
export const ownUnits = ['searches', 'images', 'audioSeconds', 'characters'] as const
export type OwnUnit = (typeof ownUnits)[number]

export type UsageComponent = keyof Usage
export const usageComponents = Object.keys(noUsage) as readonly UsageComponent[]

/** What is counted by the piece, and not in tokens. */
export const notTokens = ['webSearches', ...ownUnits] as const satisfies readonly UsageComponent[]
const pieces: ReadonlySet<UsageComponent> = new Set(notTokens)
export const tokenComponents: readonly UsageComponent[] = usageComponents.filter((component) => !pieces.has(component))

/** All tokens of the question, those read from caches and written to them included. */
export function inputTokensOf(usage: Usage): number {
  return (
    usage.inputUncached +
    cacheReadTokensOf(usage) +
    usage.cacheWrite5m +
    usage.cacheWrite1h +
    usage.cacheWriteOther +
    usage.inputAudio +
    usage.inputImage
  )
}

/** All that a prompt cache served, as most providers tell it. */
export function cacheReadTokensOf(usage: Usage): number {
  return usage.cacheRead + usage.cacheReadAudio + usage.cacheReadImage
}

/** Whether something was a sound or a picture, which not every dialect tells apart from text. */
export function hasMediaTokens(usage: Usage): boolean {
  const { inputAudio, inputImage, outputAudio, outputImage, cacheReadAudio, cacheReadImage } = usage
  return inputAudio + inputImage + outputAudio + outputImage + cacheReadAudio + cacheReadImage > 0
}

/** All tokens of the answer, reasoning included. */
export function outputTokensOf(usage: Usage): number {
  return usage.outputText + usage.outputReasoning + usage.outputAudio + usage.outputImage
}
