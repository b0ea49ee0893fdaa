/**
 * What the models of one generation take. Anthropic refuses a call for one field that its model does not take, so that a
 * foreign call must be worded for the model that it goes to.
 */
export interface Generation {
  /** Temperature, `top_p` and `top_k` other than their defaults: removed with Claude Opus 4.7. */
  readonly takesSampling: boolean
  /** `thinking.type: enabled`: for 3.7 to 4.6 only. */
  readonly takesBudget: boolean
  /** `thinking.type: adaptive`: from 4.6. */
  readonly takesAdaptive: boolean
  /** `thinking.type: disabled`. */
  readonly takesDisabled: boolean
  /** `tool_choice` of type `any` or `tool`. */
  readonly takesForcedTools: boolean
  /** Words for `output_config.effort`, from the least to the most. */
  readonly efforts: readonly string[]
  /** `output_config.format`. */
  readonly takesSchemas: boolean
  /** A call that ends with the assistant's words, with which the answer goes on: removed with 4.6. */
  readonly takesPrefill: boolean
}

/** By the model's name, as Anthropic and the clouds spell it. */
export function claudeGeneration(modelName: string): Generation {
  // Some clouds spell 4-7 as 4.7.
  const name = modelName.toLowerCase().replaceAll('.', '-')
  return generations.find(({ names }) => names.test(name))?.generation ?? everyGeneration
}

const toMax = ['low', 'medium', 'high', 'max'] as const
const allEfforts = ['low', 'medium', 'high', 'xhigh', 'max'] as const

/** Also for models of other makers behind Anthropic's dialect: their rules are theirs. */
export const everyGeneration: Generation = {
  takesSampling: true,
  takesBudget: true,
  takesAdaptive: true,
  takesDisabled: true,
  takesForcedTools: true,
  efforts: allEfforts,
  takesSchemas: true,
  takesPrefill: true,
}
const claude46: Generation = { ...everyGeneration, takesPrefill: false, efforts: toMax }
const newest: Generation = { ...claude46, takesSampling: false, takesBudget: false, efforts: allEfforts }
const claude45: Generation = { ...everyGeneration, takesAdaptive: false, efforts: [] }
const claude4: Generation = { ...claude45, takesSchemas: false }

/**
 * The first that matches. Sources: Anthropic's pages on effort, on extended and adaptive thinking and on what is new in
 * Claude 4.6 and 4.7; the model catalogue of @ai-sdk/anthropic 4.0.105. Read 2026-11.
 */
const generations: readonly { readonly names: RegExp; readonly generation: Generation }[] = [
  {
    names: /claude-(?:(?:opus|sonnet)-5-5|(?:fable|mythos)-5-[12])/,
    generation: { ...newest, takesDisabled: false, takesForcedTools: false },
  },
  { names: /claude-(?:fable|mythos)-5/, generation: { ...newest, takesDisabled: false } },
  { names: /claude-(?:opus|sonnet)-4-6/, generation: claude46 },
  { names: /claude-opus-4-5/, generation: { ...claude45, efforts: ['low', 'medium', 'high'] } },
  { names: /claude-(?:(?:sonnet|haiku)-4-5|opus-4-1)/, generation: claude45 },
  { names: /claude-(?:opus|sonnet)-4(?:-0|-20\d{6}|@|$)/, generation: claude4 },
  { names: /claude-3-7/, generation: claude4 },
  { names: /claude-(?:instant|v?2|3)/, generation: { ...claude4, takesBudget: false } },
  { names: /claude-/, generation: newest },
]
