import type { JsonObject } from '../../canonical/json.ts'
import { outputTokensOf, type AnswerBlock, type Choice } from './answer.ts'
import { parsedArguments } from './parsed-arguments.ts'
import { problemBody } from './problem-body.ts'
import type { InputCount } from './prompt-cache.ts'
import type { Question } from './question.ts'
import { sse, toldUsage, type Script, type ScriptEvent } from './script.ts'

/** Writes answers as Gemini's `generateContent` does, in a stream as events (`alt=sse`). A call is never in pieces. */
export function generateScript(
  question: Question,
  choices: readonly Choice[],
  input: () => InputCount,
  id: string,
): Script {
  const mode = question.behaviour.usage
  const head = { modelVersion: question.baseName, responseId: id }
  const total = choices.flatMap(({ blocks }) => blocks).reduce((sum, block) => sum + outputTokensOf(block), 0)
  const usage = (outputTokens: number) => toldUsage(usageOf(input(), outputTokens), mode, 'usageMetadata')
  return {
    body: () => ({
      candidates: choices.map((choice, index) => ({
        content: { parts: choice.blocks.map(partOf), role: 'model' },
        finishReason: finishReasons[choice.ended],
        index,
      })),
      ...usage(total),
      ...head,
    }),
    events: function* () {
      let made = 0
      const chunk = (kind: ScriptEvent['kind'], tokens: number, candidate: JsonObject): ScriptEvent => {
        made += tokens
        return { kind, tokens, text: sse({ candidates: [candidate], ...usage(made), ...head }) }
      }
      for (const [index, choice] of choices.entries()) {
        for (const { part, tokens } of choice.blocks.flatMap(piecesOf))
          yield chunk('content', tokens, { content: { parts: [part], role: 'model' }, index })
        const finishReason = finishReasons[choice.ended]
        yield chunk('ending', 0, { content: { parts: [{ text: '' }], role: 'model' }, finishReason, index })
      }
      if (mode === 'twice') yield { kind: 'ending', tokens: 0, text: sse({ ...usage(total), ...head }) }
    },
    errorEvent: sse(problemBody('google', 500, 'the simulated provider was asked to fail here', id)),
    errorBody: problemBody('google', 500, 'the simulated provider was asked to fail', id),
  }
}

/** A call ends as a text does. */
const finishReasons = { end: 'STOP', 'stop-sequence': 'STOP', length: 'MAX_TOKENS', tools: 'STOP' } as const

function piecesOf(block: AnswerBlock): readonly { readonly part: JsonObject; readonly tokens: number }[] {
  if (block.kind === 'call') return [{ part: partOf(block), tokens: outputTokensOf(block) }]
  return block.tokens.map((text) => ({ part: { text }, tokens: 1 }))
}

function partOf(block: AnswerBlock): JsonObject {
  const text = block.tokens.join('')
  return block.kind === 'text' ? { text } : { functionCall: { name: block.name, args: parsedArguments(text) } }
}

function usageOf(input: InputCount, outputTokens: number): JsonObject {
  const promptTokens = input.uncached + input.cacheRead + input.cacheWrite5m + input.cacheWrite1h
  return {
    promptTokenCount: promptTokens,
    candidatesTokenCount: outputTokens,
    totalTokenCount: promptTokens + outputTokens,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: promptTokens }],
  }
}
