import type { CloseEvent, HeardFrame, OpenEvent, ReplyEvent, StopReason, UsageEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { listIn } from '../../shared/call-fields.ts'
import { unknownKeys } from '../../shared/translation/unknown-keys.ts'
import { readProviderCost } from '../../shared/provider-cost.ts'
import { factsOf } from '../read-reply.ts'
import { dialectName } from './own.ts'
import { ItemReader } from './read-output.ts'

/** A body, as the events of a stream that arrived at once. */
export function readAnswer(body: JsonObject): HeardFrame {
  const items = new ItemReader()
  for (const [index, item] of listIn(body, 'output').entries()) items.whole(item, index)
  return heardFrame([readOpen(body), ...items.take(), ...readEnd(body)], body)
}

/** A frame that goes back as it came. */
/** @param said where the wire value is not just what the frame said. */
export function heardFrame(events: readonly ReplyEvent[], wire: Json, said: Json = wire): HeardFrame {
  return hear<HeardFrame>({ events, wire: said }, { dialect: dialectName, wire, path: '', heard: {}, unheard: [] })
}

export function readOpen(said: JsonObject): OpenEvent {
  const { id, model: modelName, created_at: created } = said
  return hear<OpenEvent>(
    {
      kind: 'open',
      id: isFilled(id) ? id : undefined,
      responseModel: isFilled(modelName) ? modelName : undefined,
      createdAtSeconds: typeof created === 'number' ? created : undefined,
    },
    {
      dialect: dialectName,
      wire: said,
      path: '',
      heard: { id: 'id', responseModel: 'model', createdAtSeconds: 'created_at' },
      // The tier is told with the usage.
      unheard: unknownKeys(said, factsOf(said).usage ? knownOfAnswer : knownWithoutUsage),
    },
  )
}

/** How a response ended and what it used. */
export function readEnd(said: JsonObject): readonly ReplyEvent[] {
  const usage = readUsageEvent(said)
  return usage ? [readClose(said), usage] : [readClose(said)]
}

function readClose(said: JsonObject): CloseEvent {
  const { status, incomplete_details: details } = said
  const why = isJsonObject(details) && isFilled(details['reason']) ? details['reason'] : undefined
  const isIncomplete = status === 'incomplete'
  const reason = isIncomplete ? (reasons.get(why ?? '') ?? 'other') : reasonOf(said)
  const native = isIncomplete ? why : isFilled(status) ? status : undefined
  return hear<CloseEvent>(
    {
      kind: 'close',
      choice: 0,
      reason,
      nativeReason: reason === 'other' ? native : undefined,
      stopSequence: undefined,
    },
    {
      dialect: dialectName,
      wire: said,
      path: '',
      heard: { reason: isIncomplete ? 'incomplete_details.reason' : 'status', nativeReason: 'status' },
      unheard: [],
    },
  )
}

/** A response that called functions waits for their results. It does not say so itself. */
function reasonOf(said: JsonObject): StopReason {
  if (said['status'] !== 'completed' && said['status'] !== undefined) return 'other'
  return listIn(said, 'output').some((item) => isJsonObject(item) && item['type'] === 'function_call')
    ? 'tool-use'
    : 'end'
}

const reasons: ReadonlyMap<string, StopReason> = new Map([
  ['max_output_tokens', 'length'],
  ['content_filter', 'content-filter'],
])

function readUsageEvent(said: JsonObject): UsageEvent | undefined {
  const { usage: wire, service_tier: tier } = said
  const { usage } = factsOf(said)
  if (!isJsonObject(wire) || !usage) return undefined
  return hear<UsageEvent>(
    {
      kind: 'usage',
      usage,
      providerCostNanos: readProviderCost(wire),
      // `auto` in an answer is what was asked for: nobody has said which tier it was.
      serviceTier: isFilled(tier) && tier !== 'auto' ? tier : undefined,
    },
    {
      dialect: dialectName,
      wire,
      path: '',
      heard: { serviceTier: 'service_tier', providerCostNanos: 'usage.cost' },
      unheard: unknownKeys(wire, knownOfUsage).map((key) => `usage.${key}`),
    },
  )
}

/** What `readUsage` and the reader of costs look at. */
const knownOfUsage: ReadonlySet<string> = new Set([
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'input_tokens_details.cached_tokens',
  'input_tokens_details.cache_write_tokens',
  'output_tokens_details.reasoning_tokens',
  'server_side_tool_usage_details.web_search_calls',
  'cost',
])

/** What is read elsewhere; the rest repeats the call, which its caller knows. */
const knownOfAnswer: ReadonlySet<string> = new Set(
  (
    'id object created_at completed_at model status output usage service_tier incomplete_details error output_text ' +
    'background conversation frequency_penalty instructions max_output_tokens max_tool_calls metadata ' +
    'parallel_tool_calls presence_penalty previous_response_id prompt prompt_cache_key prompt_cache_options ' +
    'prompt_cache_retention reasoning safety_identifier store temperature text tool_choice tools top_logprobs top_p ' +
    'truncation user'
  ).split(' '),
)

const knownWithoutUsage: ReadonlySet<string> = new Set([...knownOfAnswer].filter((key) => key !== 'service_tier'))

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
