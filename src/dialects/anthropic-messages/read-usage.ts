import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { joinedService, serviceOf, type Service } from '../../canonical/service.ts'
import { noUsage, type Usage } from '../../canonical/usage.ts'
import { isJsonArray } from '../shared/call-fields.ts'
import { CountReader, Whole } from '../shared/counts.ts'

/** What has been said of a usage so far. Anthropic tells totals: a later number replaces an earlier one, never adds to it. */
export interface SaidCounts {
  readonly input?: number | undefined
  readonly cacheRead?: number | undefined
  readonly cacheWrite?: number | undefined
  readonly cacheWrite5m?: number | undefined
  readonly cacheWrite1h?: number | undefined
  readonly output?: number | undefined
  readonly thinking?: number | undefined
  readonly webSearches?: number | undefined
  /** What compactions and advisors used: the only tokens billed but not in the other fields. */
  readonly besides?: readonly SaidCounts[] | undefined
  /** Some of those are an advisor's: of another model, at another price. */
  readonly mixesModels?: boolean | undefined
  /** How it was served: the tier, the speed and the place, as they are told. */
  readonly tier?: Json | undefined
  readonly speed?: Json | undefined
  readonly place?: Json | undefined
}

/**
 * Puts what a frame says over what was said before; a field that it leaves out stays.
 * @returns `undefined` when the frame's usage cannot be believed (failures.md M13).
 */
export function updateCounts(before: SaidCounts, said: JsonObject): SaidCounts | undefined {
  const counts = new CountReader()
  const now = readCounts(said, counts, before)
  const iterations = readIterations(said['iterations'], counts)
  const { besides, mixesModels } = iterations ?? before
  const { service_tier: tier = before.tier, speed = before.speed, inference_geo: place = before.place } = said
  return counts.isBelievable ? { ...now, besides, mixesModels, tier, speed, place } : undefined
}

/**
 * The components of what was said. `undefined`: nothing, or a usage of nothing.
 *
 * `input_tokens` is what came neither from a cache nor went into one; `output_tokens` holds thinking. Of cache writes
 * the last frame tells the new total only, the first one also the lifetimes (recorded 2026): what the lifetimes do not
 * account for has an unknown one.
 */
export function usageOf(said: SaidCounts): Usage | undefined {
  const usage = [said, ...(said.besides ?? [])].map(componentsOf).reduce(sum)
  const hasTokens =
    usage.inputUncached + usage.cacheRead + writesOf(usage) + usage.outputText + usage.outputReasoning > 0
  return hasTokens ? usage : undefined
}

/** How it was served, where that is not as prices mean. Anthropic tells the place only where it can be chosen. */
export function serviceIn({ tier, speed, place }: SaidCounts): Service | undefined {
  const where = serviceOf(place)
  return joinedService([serviceOf(tier), serviceOf(speed), where === undefined ? undefined : `geo:${where}`])
}

function componentsOf(said: SaidCounts): Usage {
  const lifetimes = (said.cacheWrite5m ?? 0) + (said.cacheWrite1h ?? 0)
  const writes = new Whole(said.cacheWrite ?? lifetimes)
  const output = new Whole(said.output ?? 0)
  return {
    ...noUsage,
    inputUncached: said.input ?? 0,
    cacheRead: said.cacheRead ?? 0,
    cacheWrite5m: writes.take(said.cacheWrite5m),
    cacheWrite1h: writes.take(said.cacheWrite1h),
    cacheWriteOther: writes.rest,
    outputReasoning: output.take(said.thinking),
    outputText: output.rest,
    webSearches: said.webSearches ?? 0,
  }
}

function readCounts(said: JsonObject, counts: CountReader, before: SaidCounts): SaidCounts {
  const lifetimes = counts.part(said, 'cache_creation')
  return {
    input: counts.count(said, 'input_tokens') ?? before.input,
    cacheRead: counts.count(said, 'cache_read_input_tokens') ?? before.cacheRead,
    cacheWrite: counts.count(said, 'cache_creation_input_tokens') ?? before.cacheWrite,
    cacheWrite5m: counts.count(lifetimes, 'ephemeral_5m_input_tokens') ?? before.cacheWrite5m,
    cacheWrite1h: counts.count(lifetimes, 'ephemeral_1h_input_tokens') ?? before.cacheWrite1h,
    output: counts.count(said, 'output_tokens') ?? before.output,
    thinking: counts.count(counts.part(said, 'output_tokens_details'), 'thinking_tokens') ?? before.thinking,
    webSearches: counts.count(counts.part(said, 'server_tool_use'), 'web_search_requests') ?? before.webSearches,
  }
}

/**
 * Iterations are the turns behind one answer. Those of type `compaction` "are not included in the top-level usage fields"
 * but billed (@anthropic-ai/sdk 1.12.0, BetaIterationsUsage); `message` ones are. An `advisor_message` is not, either, and
 * it ran on another model (recorded 2026).
 */
function readIterations(
  iterations: Json | undefined,
  counts: CountReader,
): Pick<SaidCounts, 'besides' | 'mixesModels'> | undefined {
  if (!isJsonArray(iterations)) return undefined
  const apart = iterations
    .filter((iteration) => isJsonObject(iteration))
    .filter(({ type }) => type === 'compaction' || type === 'advisor_message')
    .slice(0, mostIterations)
  return {
    besides: apart.map((iteration) => readCounts(iteration, counts, {})),
    mixesModels: apart.some(({ type }) => type === 'advisor_message'),
  }
}

const mostIterations = 1000

function sum(left: Usage, right: Usage): Usage {
  return {
    ...left,
    inputUncached: left.inputUncached + right.inputUncached,
    cacheRead: left.cacheRead + right.cacheRead,
    cacheWrite5m: left.cacheWrite5m + right.cacheWrite5m,
    cacheWrite1h: left.cacheWrite1h + right.cacheWrite1h,
    cacheWriteOther: left.cacheWriteOther + right.cacheWriteOther,
    outputReasoning: left.outputReasoning + right.outputReasoning,
    outputText: left.outputText + right.outputText,
  }
}

function writesOf(usage: Usage): number {
  return usage.cacheWrite5m + usage.cacheWrite1h + usage.cacheWriteOther
}
