import type { Json, JsonObject } from '../../canonical/json.ts'
import { outputTokensOf, type AnswerBlock, type Choice } from './answer.ts'
import { problemBody } from './problem-body.ts'
import type { InputCount } from './prompt-cache.ts'
import type { Question } from './question.ts'
import { sse, toldUsage, type Script, type ScriptEvent } from './script.ts'
import { countTokens } from './tokens.ts'

const finishReasons = { end: 'stop', 'stop-sequence': 'stop', length: 'length', tools: 'tool_calls' } as const

/** Writes answers as OpenAI's chat completions do. */
export function chatScript(
  question: Question,
  choices: readonly Choice[],
  input: () => InputCount,
  id: string,
  nowMs: number,
): Script {
  const head = { id: `chatcmpl-${id}`, created: Math.floor(nowMs / 1_000), model: question.baseName }
  const mode = question.behaviour.usage
  const usage = () => toldUsage(usageOf(choices, input()), mode)
  return {
    body: () => ({
      ...head,
      object: 'chat.completion',
      choices: choices.map((choice, index) => ({
        index,
        message: messageOf(choice),
        logprobs: null,
        finish_reason: finishReasons[choice.ended],
      })),
      ...usage(),
    }),
    events: function* () {
      const empty = question.wantsUsage ? { usage: null } : {}
      const chunk = (
        kind: ScriptEvent['kind'],
        tokens: number,
        index: number,
        delta: JsonObject,
        reason: string | null,
      ) => ({
        kind,
        tokens,
        text: sse({
          ...head,
          object: 'chat.completion.chunk',
          choices: [{ index, delta, logprobs: null, finish_reason: reason }],
          ...empty,
        }),
      })
      for (const [index] of choices.entries()) yield chunk('quiet', 0, index, { role: 'assistant', content: '' }, null)
      yield* inTurn(
        choices.map((choice, index) =>
          deltasOf(choice)
            .map(({ delta, tokens }) => chunk('content', tokens, index, delta, null))
            .toArray(),
        ),
      )
      for (const [index, choice] of choices.entries()) yield chunk('ending', 0, index, {}, finishReasons[choice.ended])
      if (question.wantsUsage && mode !== 'none') {
        const told = sse({ ...head, object: 'chat.completion.chunk', choices: [], ...usage() })
        yield { kind: 'ending', tokens: 0, text: told }
        if (mode === 'twice') yield { kind: 'ending', tokens: 0, text: told }
      }
      yield { kind: 'ending', tokens: 0, text: 'data: [DONE]\n\n' }
    },
    errorEvent: sse(problemBody('openai', 500, 'the simulated provider was asked to fail here', id)),
    errorBody: problemBody('openai', 500, 'the simulated provider was asked to fail', id),
  }
}

function usageOf(choices: readonly Choice[], input: InputCount): JsonObject {
  const written = input.cacheWrite5m + input.cacheWrite1h
  const prompt = input.uncached + input.cacheRead + written
  const completion = choices.flatMap(({ blocks }) => blocks).reduce((sum, block) => sum + outputTokensOf(block), 0)
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: input.cacheRead, ...(written > 0 ? { cache_write_tokens: written } : {}) },
    completion_tokens_details: { reasoning_tokens: 0 },
  }
}

function messageOf({ blocks }: Choice): JsonObject {
  const text = blocks.flatMap((block) => (block.kind === 'text' ? block.tokens : [])).join('')
  const calls = blocks.filter((block) => block.kind === 'call')
  return {
    role: 'assistant',
    content: calls.length > 0 ? null : text,
    refusal: null,
    ...(calls.length > 0 ? { tool_calls: calls.map((call) => callOf(call, call.tokens.join(''))) } : {}),
  }
}

function callOf(call: Extract<AnswerBlock, { kind: 'call' }>, args: string): JsonObject {
  return { id: `call_${call.id}`, type: 'function', function: { name: call.name, arguments: args } }
}

function* deltasOf({ blocks }: Choice): Generator<{ delta: JsonObject; tokens: number }> {
  let callIndex = -1
  for (const block of blocks) {
    if (block.kind === 'call') {
      callIndex += 1
      yield { delta: { tool_calls: [{ index: callIndex, ...callOf(block, '') }] }, tokens: countTokens(block.name) }
    }
    for (const text of block.tokens) {
      const delta: Record<string, Json> =
        block.kind === 'text'
          ? { content: text }
          : { tool_calls: [{ index: callIndex, function: { arguments: text } }] }
      yield { delta, tokens: 1 }
    }
  }
}

/** The first of each, then the second of each, and so on: how several choices share a stream. */
function* inTurn<Item>(rows: readonly (readonly Item[])[]): Generator<Item> {
  const longest = Math.max(0, ...rows.map((row) => row.length))
  for (let place = 0; place < longest; place++) {
    for (const row of rows) {
      const item = row[place]
      if (item !== undefined) yield item
    }
  }
}
