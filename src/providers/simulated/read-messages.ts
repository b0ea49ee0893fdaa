import { z } from 'zod'
import type { Json } from '../../canonical/json.ts'
import type { Question } from './question.ts'
import { block, cacheControl, json, messageParts, messageText, promptPart, readBody, readModel } from './read-body.ts'

const content = z.union([z.string(), z.array(block)])

const message = z.looseObject({ role: z.enum(['user', 'assistant', 'system']), content })

const messagesBody = z.looseObject({
  model: z.string(),
  max_tokens: z.int().min(1).max(10_000_000),
  messages: z.array(message).min(1),
  system: content.nullish(),
  stream: z.boolean().nullish(),
  stop_sequences: z.array(z.string()).nullish(),
  tools: z
    .array(z.looseObject({ name: z.string(), input_schema: json.optional(), cache_control: cacheControl }))
    .nullish(),
  tool_choice: z
    .looseObject({
      type: z.enum(['auto', 'any', 'tool', 'none']),
      name: z.string().optional(),
      disable_parallel_tool_use: z.boolean().nullish(),
    })
    .nullish(),
  output_config: z.looseObject({ format: z.looseObject({ schema: json.optional() }).nullish() }).nullish(),
})

/**
 * Reads a body of Anthropic's messages.
 * @throws Refusal 400.
 */
export function readMessages(body: Json): Question {
  const asked = readBody(body, messagesBody)
  const last = asked.messages.at(-1)?.content
  return {
    ...readModel(asked.model),
    isStream: asked.stream ?? false,
    wantsUsage: true,
    prompt: [
      ...(asked.tools ?? []).map((tool) => promptPart(JSON.stringify(tool), tool.cache_control)),
      ...(asked.system ? messageParts(asked.system, 'image') : []),
      ...asked.messages.flatMap((one) => messageParts(one.content, 'image')),
    ],
    lastText: messageText(asked.messages.findLast(({ role }) => role === 'user')?.content ?? ''),
    tools: (asked.tools ?? []).map((tool) => ({ name: tool.name, schema: tool.input_schema })),
    toolChoice: toolChoiceOf(asked.tool_choice),
    mayCallSeveral: !(asked.tool_choice?.disable_parallel_tool_use ?? false),
    endsWithToolResult: Array.isArray(last) && last.some(({ type }) => type === 'tool_result'),
    maxTokens: asked.max_tokens,
    choiceCount: 1,
    stopSequences: asked.stop_sequences ?? [],
    jsonSchema: asked.output_config?.format ? (asked.output_config.format.schema ?? true) : undefined,
  }
}

function toolChoiceOf(choice: z.infer<typeof messagesBody>['tool_choice']): Question['toolChoice'] {
  if (choice?.type === 'tool') return { name: choice.name ?? '' }
  if (choice?.type === 'any') return 'required'
  return choice?.type ?? 'auto'
}
