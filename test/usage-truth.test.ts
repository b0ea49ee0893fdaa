import { createParser } from 'eventsource-parser'
import { describe, expect, it } from 'vitest'
import type { Json } from '../src/canonical/json.ts'
import { inputTokensOf, outputTokensOf, type Usage } from '../src/canonical/usage.ts'
import { dialects } from '../src/dialects/all.ts'
import type { Dialect } from '../src/dialects/dialect.ts'
import { eventBytes, recordings, reportMissingCorpus, type Recording } from './corpus.ts'
import exceptions from './usage-truth.exceptions.json' with { type: 'json' }

/**
 * For every recorded answer that tells its usage: what our dialects read is what the provider said, number by number. The
 * checker below is naive on purpose and shares no code with the dialects.
 */
const dialectOf = {
  chat: 'openai-chat',
  messages: 'anthropic-messages',
  responses: 'openai-responses',
  completions: 'openai-completions',
  'ollama-chat': 'ollama-chat',
  generate: 'gemini-generate',
  converse: 'bedrock-converse',
  'cohere-chat': 'cohere-chat',
  embeddings: 'openai-embeddings',
} as const
type Api = keyof typeof dialectOf
const apis: readonly Api[] = [
  'chat',
  'messages',
  'responses',
  'generate',
  'converse',
  'cohere-chat',
  'completions',
  'ollama-chat',
  'embeddings',
]

describe('usage truth', () => {
  const all = apis.flatMap((api) => recordings(api).map((recording) => ({ api, recording })))
  if (all.length === 0) reportMissingCorpus('usage truth')
  const findings = all.map(({ api, recording }) => examine(api, recording))

  it('M8 what is read is what the provider said, in every recorded answer', () => {
    console.log(tableOf(findings))
    const wrong = new Map(
      findings.flatMap((finding) => finding.differences.map((found) => [keyOf(finding, found), found])),
    )
    const excused = new Map(
      exceptions.flatMap((cause) => cause.ids.map((id) => [`${cause.api}/${id} ${cause.component}`, cause])),
    )
    const unexcused = [...wrong]
      .filter(([key]) => !excused.has(key))
      .map(([key, { said, read }]) => ({ key, said, read }))
    const needless = all.length === 0 ? [] : [...excused.keys()].filter((key) => !wrong.has(key))
    expect({ unexcused, needless }).toEqual({ unexcused: [], needless: [] })
  })

  it('every exception has a reason and names an answer once', () => {
    for (const cause of exceptions) expect(cause.reason.length).toBeGreaterThan(40)
    const keys = exceptions.flatMap((cause) => cause.ids.map((id) => `${cause.api}/${id} ${cause.component}`))
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('M8 an answer without usage gives no usage, rather than one of zeros', () => {
    const invented = findings.filter((finding) => finding.scope === 'no usage told' && finding.usage !== undefined)
    expect(invented.map((finding) => finding.id)).toEqual([])
  })

  it('M8 a usage read from a stream that ended is final', () => {
    const open = findings.filter((finding) => finding.scope === 'checked' && !finding.isFinal)
    expect(open.map((finding) => finding.id)).toEqual([])
  })
})

const components = [
  ...(['input', 'cached', 'written', 'written5m', 'written1h', 'output', 'reasoning', 'searches'] as const),
  ...(['audioIn', 'audioOut', 'imageIn', 'imageOut'] as const),
]
type Component = (typeof components)[number]
type Truth = Readonly<Partial<Record<Component, number>>>

interface Difference {
  readonly component: string
  readonly said: number | undefined
  readonly read: number | undefined
}

interface Finding {
  readonly api: Api
  readonly provider: string
  readonly id: string
  readonly scope: 'checked' | 'no usage told' | 'not of the dialect' | 'not text'
  readonly isStream: boolean
  readonly isWholeInFrame: boolean
  readonly usage: Usage | undefined
  readonly isFinal: boolean
  readonly differences: readonly Difference[]
}

function examine(api: Api, recording: Recording): Finding {
  const { id, provider, response } = recording
  const base = {
    api,
    provider,
    id,
    isStream: false,
    isWholeInFrame: false,
    usage: undefined,
    isFinal: true,
    differences: [],
  }
  const text = eventBytes(recording)?.toString() ?? (response.encoding === 'utf8' ? response.body : undefined)
  if (text === undefined) return { ...base, scope: 'not text' }
  const unary = parsed(text)
  const frames = unary === undefined ? framesOf(text) : []
  // One recorder kept the message that the SDK put together in place of the stream's frames.
  const whole = frames.length === 1 && frames[0]?.event === 'message' ? parsed(frames[0].data) : undefined
  const answer = unary ?? whole
  if (api === 'embeddings' && (!isObject(answer) || !('data' in answer || 'error' in answer)))
    return { ...base, scope: 'not of the dialect' }
  // The first version of Cohere's API, which is another dialect.
  if (api === 'cohere-chat' && recording.request?.path === '/v1/chat') return { ...base, scope: 'not of the dialect' }

  const dialect: Dialect = dialects[dialectOf[api]]
  const read = answer === undefined ? readStream(dialect, recording, frames) : readWhole(dialect, answer)
  const truth = truthOf(api, answer === undefined ? frames.map((frame) => parsed(frame.data)) : [answer])
  return {
    ...base,
    isStream: answer === undefined,
    isWholeInFrame: whole !== undefined,
    ...read,
    scope: truth === undefined ? 'no usage told' : 'checked',
    differences: truth === undefined ? [] : differencesOf(truth, read.usage),
  }
}

function readWhole(dialect: Dialect, answer: Json): Pick<Finding, 'usage' | 'isFinal'> {
  return { usage: dialect.readReply(answer).usage, isFinal: true }
}

function readStream(
  dialect: Dialect,
  recording: Recording,
  frames: readonly Frame[],
): Pick<Finding, 'usage' | 'isFinal'> {
  const asked = isObject(recording.request?.body) ? recording.request.body : {}
  const body = {
    model: 'm',
    messages: [],
    input: [],
    contents: [],
    stream: true,
    n: number(asked, 'n') ?? null,
    stream_options: null,
  }
  const reader = dialect.openStream(dialect.readCall(body))
  for (const { event, data } of frames) reader.read(event, Buffer.from(data))
  const { usage, isUsageFinal } = reader.facts()
  return { usage, isFinal: isUsageFinal }
}

function differencesOf(truth: Truth, usage: Usage | undefined): readonly Difference[] {
  const read: Record<Component, number> | undefined = usage && {
    input: inputTokensOf(usage),
    cached: usage.cacheRead,
    written: usage.cacheWrite5m + usage.cacheWrite1h + usage.cacheWriteOther,
    written5m: usage.cacheWrite5m,
    written1h: usage.cacheWrite1h,
    output: outputTokensOf(usage),
    reasoning: usage.outputReasoning,
    audioIn: usage.inputAudio,
    audioOut: usage.outputAudio,
    imageIn: usage.inputImage,
    imageOut: usage.outputImage,
    searches: usage.webSearches,
  }
  return components
    .map((component) => ({ component, said: truth[component], read: read?.[component] }))
    .filter(({ said, read: found }) => said !== undefined && said !== found)
}

/** The provider's own numbers: of the last usage in an OpenAI stream, of the last word on each field in an Anthropic one. */
function truthOf(api: Api, said: readonly unknown[]): Truth | undefined {
  if (api === 'messages') return messagesTruth(said)
  if (api === 'responses') return responsesTruth(said)
  if (api === 'generate') return generateTruth(said)
  if (api === 'converse') return converseTruth(said)
  if (api === 'cohere-chat') return cohereTruth(said)
  if (api === 'ollama-chat') return ollamaTruth(said)
  const usages = said.map((one) => at(one, 'usage') ?? at(one, 'x_groq', 'usage')).filter((one) => isObject(one))
  const usage = usages.at(-1)
  if (usage === undefined) return undefined
  if (api === 'embeddings')
    return { input: number(usage, 'prompt_tokens') ?? number(usage, 'total_tokens') ?? -1, output: 0 }
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
    searches: number(usage, 'server_tool_use_details', 'web_search_requests') ?? 0,
  }
}

/** Searches are told by xAI in the usage, by OpenAI in the items. */
function responsesTruth(said: readonly unknown[]): Truth | undefined {
  const last = said.map((one) => at(one, 'response') ?? one).findLast((one) => isObject(at(one, 'usage')))
  const usage = at(last, 'usage')
  if (usage === undefined || (number(usage, 'input_tokens') ?? 0) + (number(usage, 'output_tokens') ?? 0) === 0)
    return undefined
  const items = at(last, 'output')
  const searches = (Array.isArray(items) ? items : []).filter(
    (item) => at(item, 'type') === 'web_search_call' && (at(item, 'action', 'type') ?? 'search') === 'search',
  )
  return {
    input: number(usage, 'input_tokens') ?? -1,
    output: number(usage, 'output_tokens') ?? -1,
    cached: number(usage, 'input_tokens_details', 'cached_tokens') ?? 0,
    written: number(usage, 'input_tokens_details', 'cache_write_tokens') ?? 0,
    reasoning: number(usage, 'output_tokens_details', 'reasoning_tokens') ?? 0,
    searches: number(usage, 'server_side_tool_usage_details', 'web_search_calls') ?? searches.length,
  }
}

/** Four counts side by side, of which the total is the sum; what came from a cache is part of the prompt. */
function generateTruth(said: readonly unknown[]): Truth | undefined {
  const usages = said.map((one) => at(one, 'usageMetadata')).filter((one) => isObject(one))
  // One that does not count the prompt (one recorded stream) is no usage of the call.
  const usage = usages.findLast((one) => number(one, 'promptTokenCount') !== undefined)
  if (usage === undefined) return undefined
  const count = (name: string) => number(usage, name) ?? 0
  const of = (details: string, modality: string) => {
    const list = at(usage, details)
    const parts = Array.isArray(list) ? list.filter((one) => at(one, 'modality') === modality) : []
    return parts.reduce((sum, one) => sum + (number(one, 'tokenCount') ?? 0), 0)
  }
  const [thoughts, toolUse] = [count('thoughtsTokenCount'), count('toolUsePromptTokenCount')]
  const prompt = number(usage, 'promptTokenCount') ?? -1
  const candidates =
    number(usage, 'candidatesTokenCount') ?? Math.max(0, count('totalTokenCount') - prompt - thoughts - toolUse)
  return {
    input: prompt + toolUse,
    output: candidates + thoughts,
    cached: count('cachedContentTokenCount'),
    reasoning: thoughts,
    audioIn: of('promptTokensDetails', 'AUDIO') - of('cacheTokensDetails', 'AUDIO'),
    imageIn: of('promptTokensDetails', 'IMAGE') - of('cacheTokensDetails', 'IMAGE'),
    audioOut: of('candidatesTokensDetails', 'AUDIO'),
    imageOut: of('candidatesTokensDetails', 'IMAGE'),
  }
}

/** Four counts side by side, of which the total is the sum. */
function converseTruth(said: readonly unknown[]): Truth | undefined {
  const usage = said.map((one) => at(one, 'usage')).findLast((one) => isObject(one))
  if (usage === undefined) return undefined
  const count = (name: string) => number(usage, name) ?? 0
  const [cached, written] = [count('cacheReadInputTokens'), count('cacheWriteInputTokens')]
  const details = at(usage, 'cacheDetails')
  const lived = (ttl: string) =>
    (Array.isArray(details) ? details : [])
      .filter((one) => at(one, 'ttl') === ttl)
      .reduce((sum, one) => sum + (number(one, 'inputTokens') ?? 0), 0)
  return {
    input: count('totalTokens') - count('outputTokens'),
    cached,
    written,
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

function messagesTruth(said: readonly unknown[]): Truth | undefined {
  const usages = said.flatMap((one) => [at(one, 'message', 'usage'), at(one, 'usage')]).filter((one) => isObject(one))
  if (usages.length === 0) return undefined
  const last = (...path: string[]) =>
    usages.map((usage) => number(usage, ...path)).findLast((found) => found !== undefined) ?? 0
  const cached = last('cache_read_input_tokens')
  const written = last('cache_creation_input_tokens')
  return {
    input: last('input_tokens') + cached + written,
    cached,
    written,
    written5m: last('cache_creation', 'ephemeral_5m_input_tokens'),
    written1h: last('cache_creation', 'ephemeral_1h_input_tokens'),
    output: last('output_tokens'),
    reasoning: last('output_tokens_details', 'thinking_tokens'),
    searches: last('server_tool_use', 'web_search_requests'),
  }
}

function tableOf(findings: readonly Finding[]): string {
  const groups = Map.groupBy(findings, ({ provider, api }) => `${provider}/${api}`)
  const lines = [...groups].map(([name, group]) => {
    const checked = group.filter(({ scope }) => scope === 'checked')
    const count = (test: (finding: Finding) => boolean) => checked.filter(test).length
    const others = Map.groupBy(
      group.filter(({ scope }) => scope !== 'checked'),
      ({ scope }) => scope,
    )
    const notes = [...others].map(([scope, list]) => `${list.length} ${scope}`)
    const whole = count(({ isWholeInFrame }) => isWholeInFrame)
    if (whole > 0) notes.push(`${whole} streams kept as one whole message`)
    const exact = count(({ differences }) => differences.length === 0)
    return `${name.padEnd(26)} checked ${String(checked.length).padStart(4)}  streams ${String(count(({ isStream }) => isStream)).padStart(3)}  exact ${String(exact).padStart(4)}  ${notes.join(', ')}`
  })
  const checked = findings.filter(({ scope }) => scope === 'checked')
  const exact = checked.filter(({ differences }) => differences.length === 0)
  return ['usage truth', ...lines, `total: checked ${checked.length}, exact ${exact.length}`].join('\n')
}

function keyOf({ api, provider, id }: Finding, { component }: Difference): string {
  return `${provider}/${api}/${id} ${component}`
}

interface Frame {
  readonly event: string
  readonly data: string
}

function framesOf(text: string): readonly Frame[] {
  const frames: Frame[] = []
  const parser = createParser({ onEvent: ({ event, data }) => frames.push({ event: event ?? '', data }) })
  parser.feed(text)
  return frames
}

function parsed(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, key) => (isObject(found) ? found[key] : undefined), value)
}

function number(value: unknown, ...path: readonly string[]): number | undefined {
  const found = at(value, ...path)
  return typeof found === 'number' ? found : undefined
}
