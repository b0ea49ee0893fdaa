import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import { outputTokensOf, type AnswerBlock, type Choice } from './answer.ts'
import { problemBody } from './problem-body.ts'
import type { InputCount } from './prompt-cache.ts'
import type { ResponsesQuestion } from './read-responses.ts'
import { sse, toldUsage, type Script, type ScriptEvent } from './script.ts'
import { countTokens } from './tokens.ts'

/** Writes an answer as OpenAI's Responses do. Shapes: OpenAI API description 2.3.0. */
export function responsesScript(
  { question, body: asked }: ResponsesQuestion,
  choice: Choice,
  input: () => InputCount,
  id: string,
  nowMs: number,
): Script {
  const mode = question.behaviour.usage
  const createdAt = Math.floor(nowMs / 1_000)
  const isCut = choice.ended === 'length'
  const opened = { ...envelope(asked, question.baseName, id, createdAt), status: 'in_progress', output: [] }
  const usage = () => toldUsage(usageOf(choice, input()), mode)
  const whole = (): JsonObject => ({
    ...opened,
    status: isCut ? 'incomplete' : 'completed',
    completed_at: isCut ? null : createdAt,
    incomplete_details: isCut ? { reason: 'max_output_tokens' } : null,
    output: choice.blocks.map((block, place) => itemOf(block, `${id}_${place}`, isCut ? 'incomplete' : 'completed')),
    ...usage(),
  })
  return {
    body: whole,
    events: function* () {
      let sequenceNumber = 0
      const event = (kind: ScriptEvent['kind'], type: string, members: JsonObject, tokens = 0): ScriptEvent => {
        const said = { type: `response.${type}`, sequence_number: sequenceNumber++, ...members }
        return { kind, tokens, text: sse(said, said.type) }
      }
      yield event('quiet', 'created', { response: opened })
      yield event('quiet', 'in_progress', { response: { ...opened, ...(mode === 'twice' ? usage() : {}) } })
      for (const [place, block] of choice.blocks.entries()) {
        const itemId = `${id}_${place}`
        const done = itemOf(block, itemId, isCut ? 'incomplete' : 'completed')
        const steps = block.kind === 'text' ? textSteps(block, itemId, place) : callSteps(block, itemId, place)
        for (const { kind, type, members, tokens } of steps) yield event(kind, type, members, tokens)
        yield event('quiet', 'output_item.done', { output_index: place, item: done })
      }
      yield event('ending', isCut ? 'incomplete' : 'completed', { response: whole() })
    },
    errorEvent: sse(
      {
        type: 'error',
        sequence_number: 0,
        ...problemBody('openai', 500, 'the simulated provider was asked to fail here', id),
      },
      'error',
    ),
    errorBody: problemBody('openai', 500, 'the simulated provider was asked to fail', id),
  }
}

/** What a response says again of its call, with the API's defaults for what it left out. */
function envelope(asked: JsonObject, modelName: string, id: string, createdAt: number): JsonObject {
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: createdAt,
    completed_at: null,
    background: false,
    error: null,
    incomplete_details: null,
    model: modelName,
    usage: null,
    ...Object.fromEntries(Object.entries(saidAgain).map(([key, otherwise]) => [key, asked[key] ?? otherwise])),
    reasoning: { effort: null, summary: null, ...objectIn(asked['reasoning']) },
    text: { format: { type: 'text' }, ...objectIn(asked['text']) },
    tools: toolsIn(asked),
  }
}

const saidAgain: JsonObject = {
  frequency_penalty: 0,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  presence_penalty: 0,
  previous_response_id: null,
  prompt_cache_key: null,
  safety_identifier: null,
  service_tier: 'default',
  store: true,
  temperature: 1,
  tool_choice: 'auto',
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  user: null,
}

function objectIn(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}

function toolsIn({ tools }: JsonObject): readonly Json[] {
  const functionDefaults = { description: null, parameters: null, strict: true }
  return (Array.isArray(tools) ? tools : []).map((tool: Json) =>
    isJsonObject(tool) && tool['type'] === 'function' ? { ...functionDefaults, ...tool } : tool,
  )
}

interface Step {
  readonly kind: ScriptEvent['kind']
  readonly type: string
  readonly members: JsonObject
  readonly tokens?: number
}

function* textSteps(block: TextBlock, itemId: string, place: number): Generator<Step> {
  const done = messageOf(block, itemId, 'in_progress')
  yield { kind: 'quiet', type: 'output_item.added', members: { output_index: place, item: { ...done, content: [] } } }
  const at = { item_id: `msg_${itemId}`, output_index: place, content_index: 0 }
  yield { kind: 'quiet', type: 'content_part.added', members: { ...at, part: textPart('') } }
  for (const delta of block.tokens)
    yield { kind: 'content', type: 'output_text.delta', members: { ...at, delta, logprobs: [] }, tokens: 1 }
  const text = block.tokens.join('')
  yield { kind: 'quiet', type: 'output_text.done', members: { ...at, text, logprobs: [] } }
  yield { kind: 'quiet', type: 'content_part.done', members: { ...at, part: textPart(text) } }
}

function* callSteps(block: CallBlock, itemId: string, place: number): Generator<Step> {
  const item = { ...callOf(block, itemId, 'in_progress'), arguments: '' }
  const opened = { output_index: place, item }
  yield { kind: 'content', type: 'output_item.added', members: opened, tokens: countTokens(block.name) }
  const at = { item_id: item.id, output_index: place }
  for (const delta of block.tokens)
    yield { kind: 'content', type: 'function_call_arguments.delta', members: { ...at, delta }, tokens: 1 }
  const done = { ...at, name: block.name, arguments: block.tokens.join('') }
  yield { kind: 'quiet', type: 'function_call_arguments.done', members: done }
}

type TextBlock = Extract<AnswerBlock, { kind: 'text' }>
type CallBlock = Extract<AnswerBlock, { kind: 'call' }>

function itemOf(block: AnswerBlock, itemId: string, status: string): JsonObject {
  return block.kind === 'text' ? messageOf(block, itemId, status) : callOf(block, itemId, status)
}

function messageOf(block: TextBlock, itemId: string, status: string): JsonObject {
  return { id: `msg_${itemId}`, type: 'message', status, role: 'assistant', content: [textPart(block.tokens.join(''))] }
}

function callOf(block: CallBlock, itemId: string, status: string): JsonObject & { readonly id: string } {
  const called = { call_id: `call_${block.id}`, name: block.name, arguments: block.tokens.join('') }
  return { id: `fc_${itemId}`, type: 'function_call', status, ...called }
}

function textPart(text: string): JsonObject {
  return { type: 'output_text', annotations: [], logprobs: [], text }
}

function usageOf({ blocks }: Choice, input: InputCount): JsonObject {
  const written = input.cacheWrite5m + input.cacheWrite1h
  const inputTokens = input.uncached + input.cacheRead + written
  const outputTokens = blocks.reduce((sum, block) => sum + outputTokensOf(block), 0)
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: input.cacheRead, cache_write_tokens: written },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  }
}
