import type { Extent } from '../canonical/extent.ts'

/** What is known of the model that a bound is for. */
export interface ModelBounds {
  /** The most it reads in one go. `undefined`: not known. */
  readonly contextTokens: number | undefined
  /** The most tokens that its provider counts for one picture; `undefined`: `mostImageTokens`. */
  readonly imageTokens: number | undefined
}

/** What a call can use at most, over all rounds and choices together. */
export type TokenBound =
  | { readonly kind: 'bounded'; readonly inputTokens: number; readonly outputTokens: number }
  /** Nothing in the call or the catalog limits it; `why` names what to change. */
  | { readonly kind: 'unbounded'; readonly why: string }

/**
 * The most that one call can use (ledger.md C4). Byte-level tokenizers make at most one token of a byte, so the bytes of
 * the body bound its text; what providers add to it is bounded by what was measured on recorded calls, with room to spare.
 * What the provider reads and we do not see is bounded by the model's window alone.
 * @param outputCapTokens for each choice, as it is written upstream.
 */
export function boundTokens(
  extent: Extent,
  bodyBytes: number,
  outputCapTokens: number,
  choiceCount: number,
  model: ModelBounds,
): TokenBound {
  const { rounds, boundedBy } = extent
  if (rounds === undefined)
    return {
      kind: 'unbounded',
      why: `${extent.unbounded ?? 'a tool of the provider'} runs at the provider as often as it likes: ${boundedBy === undefined ? '' : `declare \`${boundedBy}\` or `}leave it out`,
    }
  const contextTokens = model.contextTokens === undefined ? undefined : model.contextTokens * (extent.inputs ?? 1)
  if (extent.unseen.length > 0 && contextTokens === undefined)
    return {
      kind: 'unbounded',
      why: `the provider reads ${extent.unseen.join(', ')}, and the model's context window is not known: set \`abilities.contextTokens\``,
    }
  const written = outputCapTokens * choiceCount * rounds
  // Whether an echo is counted as output, no provider says: the most is taken.
  const withEcho = (inputTokens: number): TokenBound => ({
    kind: 'bounded',
    inputTokens,
    outputTokens: written + inputTokens * (extent.echoes ?? 0),
  })
  if (extent.unseen.length > 0) return withEcho((contextTokens ?? 0) * rounds)
  const said =
    bodyBytes +
    addedTokens.perCall +
    addedTokens.perMessage * extent.messages +
    (extent.tools + extent.wordedTools > 0 ? addedTokens.forTools : 0) +
    addedTokens.perTool * extent.tools +
    addedTokens.perWordedTool * extent.wordedTools +
    (model.imageTokens ?? mostImageTokens) * extent.images
  return withEcho(Math.min(said, contextTokens ?? Infinity))
}

/**
 * What providers add to a prompt. Measured on recorded calls (`token-bound.corpus.test.ts` prints the largest): a call up to 50
 * tokens (xAI), tools up to 530 (Claude 3 Opus; Anthropic docs, tool use), a tool that the provider words up to 1,600
 * (Anthropic's computer use).
 */
export const addedTokens = { perCall: 400, perMessage: 16, forTools: 1_000, perTool: 32, perWordedTool: 2_000 } as const

/**
 * OpenAI's tiles at the finest detail, for most models below 2,000; Anthropic's largest pictures 4,784 (docs, vision, 2026-11).
 * Where a model counts more (gpt-4o-mini: 2,833 and 5,667 for each of at most 8 tiles), its row says so.
 */
export const mostImageTokens = 5_000
