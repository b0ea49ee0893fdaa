import { z } from 'zod'
import type { Json } from '../../canonical/json.ts'
import type { PromptPart, Question } from './question.ts'
import { block, cacheControl, json, messageParts, messageText, promptPart, readBody, readModel } from './read-body.ts'

const wholeNumber = z.int().min(1).max(10_000_000)

const message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  content: z.union([z.string(), z.array(block)]).nullish(),
  tool_calls: json.optional(),
})

const chatBody = z.looseObject({
  model: z.string(),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: wholeNumber.nullish(),
  max_completion_tokens: wholeNumber.nullish(),
  n: z.int().min(1).max(128).nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
  tools: z
    .array(
      z.looseObject({
        type: z.literal('function'),
        function: z.looseObject({ name: z.string(), parameters: json.optional() }),
        cache_control: cacheControl,
      }),
    )
    .nullish(),
  tool_choice: z
    .union([z.enum(['auto', 'none', 'required']), z.looseObject({ function: z.looseObject({ name: z.string() }) })])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: z
    .looseObject({ type: z.string(), json_schema: z.looseObject({ schema: json.optional() }).optional() })
    .nullish(),
})

type ChatMessage = z.infer<typeof message>

/**
 * Reads a body of OpenAI's chat completions.
 * @throws Refusal 400.
 */
export function readChat(body: Json): Question {
  const asked = readBody(body, chatBody)
  const last = asked.messages.at(-1)
  const choice = asked.tool_choice ?? 'auto'
  return {
    ...readModel(asked.model),
    isStream: asked.stream ?? false,
    wantsUsage: asked.stream_options?.include_usage ?? false,
    prompt: [
      ...(asked.tools ?? []).map((tool) => promptPart(JSON.stringify(tool), tool.cache_control)),
      ...asked.messages.flatMap(partsOf),
    ],
    lastText: messageText(asked.messages.findLast(({ role }) => role === 'user')?.content ?? ''),
    tools: (asked.tools ?? []).map((tool) => ({ name: tool.function.name, schema: tool.function.parameters })),
    toolChoice: typeof choice === 'string' ? choice : { name: choice.function.name },
    mayCallSeveral: asked.parallel_tool_calls ?? true,
    endsWithToolResult: last?.role === 'tool' || last?.role === 'function',
    maxTokens: asked.max_completion_tokens ?? asked.max_tokens ?? undefined,
    choiceCount: asked.n ?? 1,
    stopSequences: [asked.stop ?? []].flat(),
    jsonSchema: schemaOf(asked.response_format),
  }
}

function partsOf(one: ChatMessage): readonly PromptPart[] {
  const calls = one.tool_calls === undefined ? [] : [promptPart(JSON.stringify(one.tool_calls), undefined)]
  return [...messageParts(one.content ?? '', 'image_url'), ...calls]
}

function schemaOf(format: z.infer<typeof chatBody>['response_format']): Json | undefined {
  if (format?.type === 'json_schema') return format.json_schema?.schema ?? true
  return format?.type === 'json_object' ? true : undefined
}
