import type { CloseEvent, OpenEvent, UsageEvent } from '../../../canonical/event.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { cacheReadTokensOf, inputTokensOf, outputTokensOf } from '../../../canonical/usage.ts'
import { listIn } from '../../shared/call-fields.ts'
import type { AnswerSettings } from '../../translation.ts'
import type { AnswerOutput } from './answer-output.ts'
import { isOwn } from './own.ts'
import { serviceTiers } from './write-chat.ts'

/**
 * A response with every member that the published description (2.3.0) and Open Responses (2026-11) demand, before it says
 * anything. What the client asked for is said again, as OpenAI does, with the defaults for the rest.
 */
export function emptyResponse(open: OpenEvent | undefined, settings: AnswerSettings): JsonObject {
  const { asked = {} } = settings
  return {
    id: open?.id ?? settings.requestId,
    object: 'response',
    created_at: open?.createdAtSeconds ?? settings.nowSeconds,
    completed_at: null,
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    model: open?.responseModel ?? settings.modelName,
    output: [],
    previous_response_id: null,
    // What was translated is kept by nobody: it cannot be asked for by its id.
    store: false,
    // As long as nobody has said which it is.
    service_tier: 'auto',
    usage: null,
    ...Object.fromEntries(Object.entries(saidAgain).map(([key, otherwise]) => [key, asked[key] ?? otherwise])),
    reasoning: { effort: null, summary: null, ...objectIn(asked, 'reasoning') },
    text: { format: { type: 'text' }, ...objectIn(asked, 'text') },
    tools: listIn(asked, 'tools').map(toolSaidAgain),
  }
}

/** With what the API takes where the call says nothing. */
const saidAgain: JsonObject = {
  frequency_penalty: 0,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  presence_penalty: 0,
  prompt_cache_key: null,
  safety_identifier: null,
  temperature: 1,
  tool_choice: 'auto',
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  user: null,
}

function objectIn(asked: JsonObject, key: string): JsonObject {
  const value = asked[key]
  return isJsonObject(value) ? value : {}
}

function toolSaidAgain(tool: Json): Json {
  if (!isJsonObject(tool) || tool['type'] !== 'function') return tool
  return { description: null, parameters: null, strict: null, ...tool }
}

/** How it ended, what it said and what it used. */
export function endingWords(
  output: AnswerOutput,
  close: CloseEvent | undefined,
  usage: UsageEvent | undefined,
  losses: Losses,
): JsonObject {
  const tier = usage && tierWord(usage, losses)
  const closing = closingWords(close, output.hasCalls, losses)
  // Of an answer that was cut off, the last item is incomplete too (recorded 2025-07).
  if (closing['status'] === 'incomplete') output.last?.cutOff()
  return {
    ...closing,
    output: output.items.map((item) => item.whole()),
    ...(usage && { usage: usageWords(usage) }),
    ...(tier !== undefined && { service_tier: tier }),
  }
}

/** A response says that it is complete, or why not; that it waits for results of tools is told by its calls. */
function closingWords(close: CloseEvent | undefined, hasCalls: boolean, losses: Losses): JsonObject {
  if (close && !isOwn(close)) losses.account(close, ['kind', 'choice', 'reason'])
  switch (close?.reason) {
    case 'length':
      return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }
    case 'content-filter':
      return { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }
    case undefined:
      return { status: 'completed' }
    case 'other':
      if (isOwn(close) && close.nativeReason !== undefined)
        return { status: 'incomplete', incomplete_details: { reason: close.nativeReason } }
      break
    case 'end':
    case 'tool-use':
    case 'stop-sequence':
    case 'pause':
  }
  const isExact = close.reason === (hasCalls ? 'tool-use' : 'end')
  if (!isExact) losses.approximated(close, 'reason', 'a response is told to be complete, whatever completed it')
  return { status: 'completed' }
}

function usageWords(event: UsageEvent): JsonObject {
  const { usage, providerCostNanos } = event
  const inputTokens = inputTokensOf(usage)
  const outputTokens = outputTokensOf(usage)
  return {
    input_tokens: inputTokens,
    input_tokens_details: {
      cached_tokens: cacheReadTokensOf(usage),
      cache_write_tokens: usage.cacheWrite5m + usage.cacheWrite1h + usage.cacheWriteOther,
    },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: usage.outputReasoning },
    total_tokens: inputTokens + outputTokens,
    // xAI's member.
    ...(usage.webSearches > 0 && { server_side_tool_usage_details: { web_search_calls: usage.webSearches } }),
    // OpenRouter's.
    ...(providerCostNanos !== undefined && isOwn(event) && { cost: Number(providerCostNanos) / nanosPerUsd }),
  }
}

const nanosPerUsd = 1e9

/** The tier in the published words; its own dialect's is its own. */
function tierWord(event: UsageEvent, losses: Losses): string | undefined {
  const { serviceTier } = event
  if (serviceTier === undefined || isOwn(event) || serviceTiers.has(serviceTier)) return serviceTier
  if (serviceTier === 'standard') return 'default'
  losses.lost(event, 'serviceTier', 'this dialect has no such tier')
  return undefined
}
