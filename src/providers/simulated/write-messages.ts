import type { JsonObject } from '../../canonical/json.ts'
import { outputTokensOf, type AnswerBlock, type Choice } from './answer.ts'
import { parsedArguments } from './parsed-arguments.ts'
import { problemBody } from './problem-body.ts'
import type { InputCount } from './prompt-cache.ts'
import type { Question } from './question.ts'
import { sse, toldUsage, type Script, type ScriptEvent } from './script.ts'
import { countTokens } from './tokens.ts'

const stopReasons = {
  end: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  tools: 'tool_use',
} as const

/** Writes an answer as Anthropic's messages do. */
export function messagesScript(question: Question, choice: Choice, input: () => InputCount, id: string): Script {
  const mode = question.behaviour.usage
  const outputTokens = choice.blocks.reduce((sum, block) => sum + outputTokensOf(block), 0)
  const usage = (tokens: number) => toldUsage(usageOf(input(), tokens), mode)
  const head = { id: `msg_${id}`, type: 'message', role: 'assistant', model: question.baseName }
  const stop = { stop_reason: stopReasons[choice.ended], stop_sequence: choice.stopSequence ?? null }
  return {
    body: () => ({
      ...head,
      content: choice.blocks.map((block) => contentOf(block)),
      ...stop,
      ...usage(outputTokens),
    }),
    events: function* () {
      const opened = { ...head, content: [], stop_reason: null, stop_sequence: null }
      yield quiet({ type: 'message_start', message: { ...opened, ...usage(1) } })
      yield quiet({ type: 'ping' })
      for (const [index, block] of choice.blocks.entries()) yield* blockEvents(index, block)
      const end = { type: 'message_delta', delta: stop, ...usage(outputTokens) }
      yield event('ending', 0, end)
      if (mode === 'twice') yield event('ending', 0, end)
      yield event('ending', 0, { type: 'message_stop' })
    },
    errorEvent: sse(problemBody('anthropic', 529, 'the simulated provider was asked to fail here', id), 'error'),
    errorBody: problemBody('anthropic', 529, 'the simulated provider was asked to fail', id),
  }
}

/** Usage in a stream is cumulative: what comes later replaces what came before. */
function usageOf(input: InputCount, outputTokens: number): JsonObject {
  return {
    input_tokens: input.uncached,
    cache_creation_input_tokens: input.cacheWrite5m + input.cacheWrite1h,
    cache_read_input_tokens: input.cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: input.cacheWrite5m, ephemeral_1h_input_tokens: input.cacheWrite1h },
    output_tokens: outputTokens,
  }
}

function contentOf(block: AnswerBlock): JsonObject {
  if (block.kind === 'text') return { type: 'text', text: block.tokens.join('') }
  return { type: 'tool_use', id: `toolu_${block.id}`, name: block.name, input: parsedArguments(block.tokens.join('')) }
}

function* blockEvents(index: number, block: AnswerBlock): Generator<ScriptEvent> {
  if (block.kind === 'text')
    yield quiet({ type: 'content_block_start', index, content_block: { type: 'text', text: '' } })
  else {
    const opened = { type: 'tool_use', id: `toolu_${block.id}`, name: block.name, input: {} }
    yield event('content', countTokens(block.name), { type: 'content_block_start', index, content_block: opened })
  }
  for (const text of block.tokens) {
    const delta =
      block.kind === 'text' ? { type: 'text_delta', text } : { type: 'input_json_delta', partial_json: text }
    yield event('content', 1, { type: 'content_block_delta', index, delta })
  }
  yield quiet({ type: 'content_block_stop', index })
}

function quiet(value: JsonObject & { readonly type: string }): ScriptEvent {
  return event('quiet', 0, value)
}

function event(kind: ScriptEvent['kind'], tokens: number, value: JsonObject & { readonly type: string }): ScriptEvent {
  return { kind, tokens, text: sse(value, value.type) }
}
