import { z } from 'zod'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import type { PromptPart, Question } from './question.ts'
import { block, json, messageParts, messageText, promptPart, readBody, readModel } from './read-body.ts'

const content = z.union([z.string(), z.array(block)])

/** A message, a call, the result of one, a thought: as far as we look. */
const item = z.looseObject({ type: z.string().nullish(), role: z.string().optional(), content: content.nullish() })

const responsesBody = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(item)]),
  instructions: z.string().nullish(),
  previous_response_id: z.string().nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  max_output_tokens: z.int().min(1).max(10_000_000).nullish(),
  tools: z
    .array(z.looseObject({ type: z.string(), name: z.string().optional(), parameters: json.optional() }))
    .nullish(),
  tool_choice: z
    .union([
      z.enum(['auto', 'none', 'required']),
      z.looseObject({ type: z.literal('function'), name: z.string() }),
      z.looseObject({ type: z.literal('allowed_tools'), mode: z.enum(['auto', 'required']) }),
    ])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  text: z.looseObject({ format: z.looseObject({ type: z.string(), schema: json.optional() }).nullish() }).nullish(),
})

type Item = z.infer<typeof item>

/** What an answer in this dialect says again of its call, or needs beside the question. */
export interface ResponsesQuestion {
  readonly question: Question
  /** The conversation of this call and of the responses that it builds on, without tools and instructions. */
  readonly conversation: readonly PromptPart[]
  /** Whether the response is to be kept, so that a later call may build on it. */
  readonly isStored: boolean
  readonly body: JsonObject
}

/**
 * Reads a body of OpenAI's Responses. Of tools, only functions are ever called.
 * @param recall the conversation up to a kept response.
 * @throws Refusal 400; what `recall` throws.
 */
export function readResponses(body: Json, recall: (id: string) => readonly PromptPart[]): ResponsesQuestion {
  const asked = readBody(body, responsesBody)
  const items: readonly Item[] =
    typeof asked.input === 'string' ? [{ role: 'user', content: asked.input }] : asked.input
  const previous = asked.previous_response_id ? recall(asked.previous_response_id) : []
  const conversation = [...previous, ...items.flatMap(partsOf)]
  const tools = asked.tools ?? []
  return {
    conversation,
    isStored: asked.store ?? true,
    body: isJsonObject(body) ? body : {},
    question: {
      ...readModel(asked.model),
      isStream: asked.stream ?? false,
      wantsUsage: true,
      prompt: [
        ...tools.map((tool) => promptPart(JSON.stringify(tool), undefined)),
        ...(asked.instructions ? messageParts(asked.instructions, imageType) : []),
        ...conversation,
      ],
      lastText: messageText(items.findLast(({ role }) => role === 'user')?.content ?? ''),
      tools: tools.flatMap(({ type, name, parameters }) =>
        type === 'function' && name !== undefined ? [{ name, schema: parameters }] : [],
      ),
      toolChoice: toolChoiceOf(asked.tool_choice),
      mayCallSeveral: asked.parallel_tool_calls ?? true,
      endsWithToolResult: items.at(-1)?.type?.endsWith('_output') ?? false,
      maxTokens: asked.max_output_tokens ?? undefined,
      choiceCount: 1,
      stopSequences: [],
      jsonSchema: schemaOf(asked.text),
    },
  }
}

const imageType = 'input_image'

function partsOf(one: Item): readonly PromptPart[] {
  if (one.role === undefined) return [promptPart(JSON.stringify(one), undefined)]
  return messageParts(one.content ?? '', imageType)
}

function toolChoiceOf(choice: z.infer<typeof responsesBody>['tool_choice']): Question['toolChoice'] {
  if (typeof choice === 'string') return choice
  if (choice?.type === 'function') return { name: choice.name }
  return choice?.mode ?? 'auto'
}

function schemaOf(text: z.infer<typeof responsesBody>['text']): Json | undefined {
  if (text?.format?.type === 'json_schema') return text.format.schema ?? true
  return text?.format?.type === 'json_object' ? true : undefined
}
