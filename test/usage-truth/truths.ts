import type { DialectName } from '../../src/dialects/dialect.ts'
import { at, isObject, list, number } from './wire.ts'

/**
 * The provider's own numbers, taken out of its answers by a checker that is naive on purpose and shares no code with the dialects.
 * `cost` is in nano-dollars.
 */
export type Truth = Readonly<Partial<Record<Component, number>>>

export const components = [
  ...(['input', 'cached', 'written', 'written5m', 'written1h', 'output', 'reasoning', 'webSearches'] as const),
  ...(['cachedAudio', 'cachedImage', 'audioIn', 'audioOut', 'imageIn', 'imageOut'] as const),
  ...(['searches', 'images', 'audioSeconds', 'cost'] as const),
] as const
export type Component = (typeof components)[number]

/** @param said the answer's body, or those of a stream's frames. `undefined`: it tells no usage. */
export function truthOf(dialect: DialectName, said: readonly unknown[], headers: Headers): Truth | undefined {
  return truths[dialect]?.(said, headers)
}

type Headers = Readonly<Record<string, string>>
type TruthOf = (said: readonly unknown[], headers: Headers) => Truth | undefined

const truths: Readonly<Partial<Record<DialectName, TruthOf>>> = {
  'openai-chat': chatTruth,
  'openai-completions': chatTruth,
  'anthropic-messages': messagesTruth,
  'openai-responses': responsesTruth,
  'gemini-generate': generateTruth,
  'bedrock-converse': converseTruth,
  'cohere-chat': cohereTruth,
  'ollama-chat': ollamaTruth,
  'openai-embeddings': listedTruth,
  'voyage-embeddings': listedTruth,
  'gemini-embeddings': generateTruth,
  'cohere-embeddings': embeddedTruth,
  'cohere-rerank': rerankedTruth,
  'openai-images': drawnTruth,
  'openai-image-edits': drawnTruth,
  'openai-transcriptions': heardTruth,
  'openai-translations': heardTruth,
}

/** Of the last usage in a stream. */
function chatTruth(said: readonly unknown[]): Truth | undefined {
  const usages = said.map((one) => at(one, 'usage') ?? at(one, 'x_groq', 'usage')).filter((one) => isObject(one))
  const usage = usages.at(-1)
  if (usage === undefined) return undefined
  const prompt = number(usage, 'prompt_tokens') ?? -1
  // OpenAI leaves it out where nothing was written.
  const completion = number(usage, 'completion_tokens') ?? (number(usage, 'total_tokens') ?? 0) - prompt
  const output = Math.max(completion, (number(usage, 'total_tokens') ?? 0) - prompt)
  return {
    input: prompt,
    output,
    cached:
      number(usage, 'prompt_tokens_details', 'cached_tokens') ??
      number(usage, 'prompt_cache_hit_tokens') ??
      number(usage, 'num_cached_tokens') ??
      number(usage, 'cached_tokens') ??
      0,
    written: number(usage, 'prompt_tokens_details', 'cache_write_tokens') ?? 0,
    reasoning: number(usage, 'completion_tokens_details', 'reasoning_tokens') ?? output - completion,
    audioIn: number(usage, 'prompt_tokens_details', 'audio_tokens') ?? 0,
    audioOut: number(usage, 'completion_tokens_details', 'audio_tokens') ?? 0,
    imageIn: number(usage, 'prompt_tokens_details', 'image_tokens') ?? 0,
    imageOut: number(usage, 'completion_tokens_details', 'image_tokens') ?? 0,
    webSearches: number(usage, 'server_tool_use_details', 'web_search_requests') ?? 0,
    ...costIn(usage),
  }
}

/**
 * OpenRouter tells dollars, xAI ticks of which there are ten to a nano-dollar. Zero ticks are what Azure sends for every call. With a
 * key of the caller's own at the provider behind, OpenRouter's is only its fee.
 */
function costIn(usage: unknown): Truth {
  const [ticks, dollars] = [number(usage, 'cost_in_usd_ticks') ?? 0, number(usage, 'cost')]
  if (ticks > 0) return { cost: Math.ceil(ticks / 10) }
  if (dollars === undefined) return {}
  const behind = at(usage, 'is_byok') === true ? (number(usage, 'cost_details', 'upstream_inference_cost') ?? 0) : 0
  return { cost: Math.ceil(Number(((dollars + behind) * 1e9).toFixed(3))) }
}

function listedTruth([said]: readonly unknown[]): Truth | undefined {
  const usage = at(said, 'usage')
  if (!isObject(usage)) return undefined
  return {
    input: number(usage, 'prompt_tokens') ?? number(usage, 'total_tokens') ?? -1,
    output: 0,
    ...costIn(usage),
  }
}

/** Bedrock counts in a header. */
function embeddedTruth([said]: readonly unknown[], headers: Headers): Truth | undefined {
  const counted = headers['x-amzn-bedrock-input-token-count']
  if (counted !== undefined) return { input: Number(counted), imageIn: 0, output: 0 }
  const billed = at(said, 'meta', 'billed_units')
  if (!isObject(billed)) return undefined
  const imageIn = number(billed, 'image_tokens') ?? 0
  return { input: (number(billed, 'input_tokens') ?? 0) + imageIn, imageIn, output: 0 }
}

function rerankedTruth([said]: readonly unknown[]): Truth | undefined {
  const searches = number(said, 'meta', 'billed_units', 'search_units')
  return searches === undefined ? undefined : { searches, input: 0, output: 0 }
}

/** Pictures are told by being there. */
function drawnTruth([said]: readonly unknown[]): Truth | undefined {
  const pictures = list(said, 'data')
  if (pictures.length === 0) return undefined
  return { images: pictures.length, ...costIn(at(said, 'usage')) }
}

function heardTruth([said]: readonly unknown[]): Truth | undefined {
  const seconds = number(said, 'usage', 'seconds')
  return seconds === undefined ? undefined : { audioSeconds: seconds, input: 0, output: 0 }
}

/** Searches are told by xAI in the usage, by OpenAI in the items. */
function responsesTruth(said: readonly unknown[]): Truth | undefined {
  const last = said.map((one) => at(one, 'response') ?? one).findLast((one) => isObject(at(one, 'usage')))
  const usage = at(last, 'usage')
  if (usage === undefined || (number(usage, 'input_tokens') ?? 0) + (number(usage, 'output_tokens') ?? 0) === 0)
    return undefined
  const searches = list(last, 'output').filter(
    (item) => at(item, 'type') === 'web_search_call' && (at(item, 'action', 'type') ?? 'search') === 'search',
  )
  return {
    input: number(usage, 'input_tokens') ?? -1,
    output: number(usage, 'output_tokens') ?? -1,
    cached: number(usage, 'input_tokens_details', 'cached_tokens') ?? 0,
    written: number(usage, 'input_tokens_details', 'cache_write_tokens') ?? 0,
    reasoning: number(usage, 'output_tokens_details', 'reasoning_tokens') ?? 0,
    webSearches: number(usage, 'server_side_tool_usage_details', 'web_search_calls') ?? searches.length,
    ...costIn(usage),
  }
}

/** Four counts side by side, of which the total is the sum; what came from a cache is part of the prompt. */
function generateTruth(said: readonly unknown[]): Truth | undefined {
  const usages = said.map((one) => at(one, 'usageMetadata')).filter((one) => isObject(one))
  // One that does not count the prompt (one recorded stream) is no usage of the call.
  const usage = usages.findLast((one) => number(one, 'promptTokenCount') !== undefined)
  if (usage === undefined) return undefined
  const count = (name: string) => number(usage, name) ?? 0
  const of = (modality: string, ...details: readonly string[]) =>
    details
      .flatMap((name) => list(usage, name))
      .filter((one) => at(one, 'modality') === modality)
      .reduce<number>((sum, one) => sum + (number(one, 'tokenCount') ?? 0), 0)
  // Embeddings have another name for it.
  const prompts = ['promptTokensDetails', 'promptTokenDetails']
  const [thoughts, toolUse] = [count('thoughtsTokenCount'), count('toolUsePromptTokenCount')]
  const prompt = number(usage, 'promptTokenCount') ?? -1
  const candidates =
    number(usage, 'candidatesTokenCount') ?? Math.max(0, count('totalTokenCount') - prompt - thoughts - toolUse)
  return {
    input: prompt + toolUse,
    output: candidates + thoughts,
    cached: count('cachedContentTokenCount'),
    reasoning: thoughts,
    webSearches: googleSearches(said),
    cachedAudio: of('AUDIO', 'cacheTokensDetails'),
    cachedImage: of('IMAGE', 'cacheTokensDetails'),
    audioIn: of('AUDIO', ...prompts) - of('AUDIO', 'cacheTokensDetails'),
    imageIn: of('IMAGE', ...prompts) - of('IMAGE', 'cacheTokensDetails'),
    audioOut: of('AUDIO', 'candidatesTokensDetails'),
    imageOut: of('IMAGE', 'candidatesTokensDetails'),
  }
}

/** The last grounding tells every query; before Gemini 3 an answer is billed once, however often it has searched. */
function googleSearches(said: readonly unknown[]): number {
  const [last = []] = said
    .flatMap((one) => list(one, 'candidates'))
    .map((candidate) => list(candidate, 'groundingMetadata', 'webSearchQueries'))
    .filter((queries) => queries.length > 0)
    .slice(-1)
  const queries = last.filter((query) => query !== '').length
  const isOld = said.some((one) => String(at(one, 'modelVersion')).startsWith('gemini-2'))
  return isOld ? Math.min(queries, 1) : queries
}

/** Four counts side by side, of which the total is the sum. */
function converseTruth(said: readonly unknown[]): Truth | undefined {
  const usage = said.map((one) => at(one, 'usage')).findLast((one) => isObject(one))
  if (usage === undefined) return undefined
  const count = (name: string) => number(usage, name) ?? 0
  const lived = (ttl: string) =>
    list(usage, 'cacheDetails')
      .filter((one) => at(one, 'ttl') === ttl)
      .reduce<number>((sum, one) => sum + (number(one, 'inputTokens') ?? 0), 0)
  return {
    input: count('totalTokens') - count('outputTokens'),
    cached: count('cacheReadInputTokens'),
    written: count('cacheWriteInputTokens'),
    written5m: lived('5m'),
    written1h: lived('1h'),
    output: count('outputTokens'),
  }
}

/** What is charged, and not what was read besides; which of it came from a cache nobody says. */
function cohereTruth(said: readonly unknown[]): Truth | undefined {
  const usage = said.map((one) => at(one, 'usage') ?? at(one, 'delta', 'usage')).findLast((one) => isObject(one))
  if (usage === undefined) return undefined
  return {
    input: number(usage, 'billed_units', 'input_tokens') ?? -1,
    output: number(usage, 'billed_units', 'output_tokens') ?? -1,
    cached: 0,
    reasoning: number(usage, 'tokens', 'reasoning_tokens') ?? 0,
    imageIn: number(usage, 'tokens', 'image_tokens') ?? 0,
  }
}

/** In the last line. A count of nothing is left out. */
function ollamaTruth(said: readonly unknown[]): Truth | undefined {
  const last = said.at(-1)
  const [read, written] = [number(last, 'prompt_eval_count'), number(last, 'eval_count')]
  if (read === undefined && written === undefined) return undefined
  return { input: read ?? 0, output: written ?? 0 }
}

/** The last word on each field: a stream tells some first, some at its end. Compactions and advisors are in none of them. */
function messagesTruth(said: readonly unknown[]): Truth | undefined {
  const usages = said.flatMap((one) => [at(one, 'message', 'usage'), at(one, 'usage')]).filter((one) => isObject(one))
  if (usages.length === 0) return undefined
  const last = (...path: string[]) =>
    usages.map((usage) => number(usage, ...path)).findLast((found) => found !== undefined) ?? 0
  const turns = usages.map((usage) => list(usage, 'iterations')).findLast((found) => found.length > 0) ?? []
  const apart = turns.filter((turn) => at(turn, 'type') === 'compaction' || at(turn, 'type') === 'advisor_message')
  const all = (...path: string[]) =>
    apart.map((turn) => number(turn, ...path) ?? 0).reduce((sum, one) => sum + one, last(...path))
  const cached = all('cache_read_input_tokens')
  const written = all('cache_creation_input_tokens')
  return {
    input: all('input_tokens') + cached + written,
    cached,
    written,
    written5m: all('cache_creation', 'ephemeral_5m_input_tokens'),
    written1h: all('cache_creation', 'ephemeral_1h_input_tokens'),
    output: all('output_tokens'),
    reasoning: last('output_tokens_details', 'thinking_tokens'),
    webSearches: last('server_tool_use', 'web_search_requests'),
  }
}
