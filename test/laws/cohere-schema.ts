import { z } from 'zod'
import type { JsonObject } from '../../src/canonical/json.ts'
import type { PublishedSchemas } from './published-schemas.ts'

/**
 * Cohere publishes no schema of its chat: here are the types of its SDK (cohere-ai 8.1.0, `api/types`) with the bounds that its
 * descriptions and its page on errors name, and what recordings have besides. No object takes a member that is not named.
 */
export function coherePublished(): PublishedSchemas {
  return { call: objections(call), answer: objections(answer), frame: objections(frame) }
}

const free = z.record(z.string(), z.unknown())
const text = z.strictObject({ type: z.literal('text'), text: z.string() })
const thinking = z.strictObject({ type: z.literal('thinking'), thinking: z.string() })
const image = z.strictObject({
  type: z.literal('image_url'),
  image_url: z.strictObject({ url: z.string().min(1), detail: z.enum(['auto', 'low', 'high']).optional() }),
})
/** "A list of objects with a data object, with a data string, or of strings" (cohere-developer-experience, V2 final). */
const document = z.strictObject({ data: z.union([free, z.string()]), id: z.string().optional() })
const toolCall = z.strictObject({
  id: z.string(),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
})
const source = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('tool'), id: z.string().optional(), tool_output: free.optional() }),
  z.strictObject({ type: z.literal('document'), id: z.string().optional(), document: free.optional() }),
])
const citation = z.strictObject({
  start: z.int().optional(),
  end: z.int().optional(),
  text: z.string().optional(),
  sources: z.array(source).optional(),
  content_index: z.int().optional(),
  type: z.enum(['TEXT_CONTENT', 'THINKING_CONTENT', 'PLAN']).optional(),
})

const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('system'), content: z.union([z.string().min(1), z.array(text).min(1)]) }),
  z.strictObject({
    role: z.literal('user'),
    content: z.union([z.string().min(1), z.array(z.discriminatedUnion('type', [text, image])).min(1)]),
  }),
  z.strictObject({
    role: z.literal('assistant'),
    // `null` beside calls was recorded with 200 (2025-09).
    content: z.union([z.string(), z.array(z.discriminatedUnion('type', [text, thinking])), z.null()]).optional(),
    tool_plan: z.string().optional(),
    tool_calls: z.array(toolCall).min(1).optional(),
    citations: z.array(citation).optional(),
  }),
  z.strictObject({
    role: z.literal('tool'),
    tool_call_id: z.string(),
    content: z.union([
      z.string(),
      z.array(z.discriminatedUnion('type', [text, z.strictObject({ type: z.literal('document'), document })])),
    ]),
  }),
])

const call = z
  .strictObject({
    model: z.string().min(1),
    messages: z.array(message).min(1),
    stream: z.boolean().optional(),
    tools: z
      .array(
        z.strictObject({
          type: z.literal('function'),
          function: z.strictObject({ name: z.string(), description: z.string().optional(), parameters: free }),
        }),
      )
      .min(1)
      .optional(),
    strict_tools: z.boolean().optional(),
    tool_choice: z.enum(['REQUIRED', 'NONE']).optional(),
    documents: z
      .array(z.union([z.string(), document]))
      .min(1)
      .optional(),
    citation_options: z
      .strictObject({ mode: z.enum(['ENABLED', 'DISABLED', 'FAST', 'ACCURATE', 'OFF']).optional() })
      .optional(),
    response_format: z
      .discriminatedUnion('type', [
        z.strictObject({ type: z.literal('text') }),
        z.strictObject({ type: z.literal('json_object'), json_schema: free.optional() }),
      ])
      .optional(),
    safety_mode: z.enum(['CONTEXTUAL', 'STRICT', 'OFF']).optional(),
    max_tokens: z.int().positive().optional(),
    stop_sequences: z.array(z.string().min(1)).min(1).max(5).optional(),
    temperature: z.number().min(0).max(1).optional(),
    seed: z.int().optional(),
    frequency_penalty: z.number().min(0).max(1).optional(),
    presence_penalty: z.number().min(0).max(1).optional(),
    k: z.number().min(0).max(500).optional(),
    p: z.number().min(0.01).max(0.99).optional(),
    logprobs: z.boolean().optional(),
    thinking: z
      .strictObject({ type: z.enum(['enabled', 'disabled']), token_budget: z.int().positive().optional() })
      .optional(),
    priority: z.int().optional(),
  })
  .superRefine((body, { addIssue }) => {
    const refuse = (what: string) => addIssue({ code: 'custom', message: what })
    const first = body.messages.findIndex(({ role }) => role !== 'system')
    if (first !== -1 && body.messages.slice(first).some(({ role }) => role === 'system'))
      refuse('system turn must be the first in the list')
    if (body.frequency_penalty !== undefined && body.presence_penalty !== undefined)
      refuse('cannot specify both frequency_penalty and presence_penalty')
    const isGrounded = body.tools !== undefined || body.documents !== undefined
    if (body.response_format?.type === 'json_object' && isGrounded) refuse('response_format is not supported with RAG')
    if (body.tool_choice === 'REQUIRED' && body.tools === undefined) refuse('the tools parameter must be passed')
  })

const usage = z.strictObject({
  billed_units: z.strictObject({ input_tokens: z.int(), output_tokens: z.int() }).optional(),
  tokens: z
    .strictObject({
      input_tokens: z.int(),
      output_tokens: z.int(),
      // Recorded 2026-08.
      image_tokens: z.int().optional(),
      reasoning_tokens: z.int().optional(),
    })
    .optional(),
  cached_tokens: z.int().optional(),
})
const odds = z.strictObject({ text: z.string().optional(), token_ids: z.array(z.int()), logprobs: z.array(z.number()) })
/** ERROR and TIMEOUT are failures, which are told otherwise; ERROR_TOXIC is of the first version of the API. */
const reason = z.enum(['COMPLETE', 'STOP_SEQUENCE', 'MAX_TOKENS', 'TOOL_CALL', 'ERROR_TOXIC'])

const answer = z.strictObject({
  id: z.string(),
  message: z.strictObject({
    role: z.literal('assistant'),
    content: z.array(z.discriminatedUnion('type', [text, thinking])).optional(),
    tool_plan: z.string().optional(),
    tool_calls: z.array(toolCall).optional(),
    citations: z.array(citation).optional(),
  }),
  finish_reason: reason,
  usage: usage.optional(),
  logprobs: z.array(odds).optional(),
})

const index = z.int().min(0)
const inMessage = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject({ message: z.strictObject(shape) })
const frame = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('message-start'),
    id: z.string(),
    delta: inMessage({
      role: z.literal('assistant'),
      content: z.array(z.never()),
      tool_plan: z.literal(''),
      tool_calls: z.array(z.never()),
      citations: z.array(z.never()),
    }),
  }),
  z.strictObject({
    type: z.literal('content-start'),
    index,
    delta: inMessage({ content: z.discriminatedUnion('type', [text, thinking]) }),
  }),
  z.strictObject({
    type: z.literal('content-delta'),
    index,
    delta: inMessage({
      content: z.union([z.strictObject({ text: z.string() }), z.strictObject({ thinking: z.string() })]),
    }),
    logprobs: odds.optional(),
  }),
  z.strictObject({ type: z.literal('content-end'), index }),
  z.strictObject({ type: z.literal('tool-plan-delta'), delta: inMessage({ tool_plan: z.string() }) }),
  z.strictObject({ type: z.literal('tool-call-start'), index, delta: inMessage({ tool_calls: toolCall }) }),
  z.strictObject({
    type: z.literal('tool-call-delta'),
    index,
    delta: inMessage({ tool_calls: z.strictObject({ function: z.strictObject({ arguments: z.string() }) }) }),
  }),
  z.strictObject({ type: z.literal('tool-call-end'), index }),
  z.strictObject({ type: z.literal('citation-start'), index, delta: inMessage({ citations: citation }) }),
  z.strictObject({ type: z.literal('citation-end'), index }),
  z.strictObject({
    type: z.literal('message-end'),
    delta: z.strictObject({ finish_reason: reason, usage: usage.optional() }),
  }),
])

function objections(schema: z.ZodType): (body: JsonObject) => readonly string[] {
  return (body) => {
    const { error } = schema.safeParse(body)
    return (error?.issues ?? []).map(({ path, message: what }) => `${path.map(String).join('.')}: ${what}`)
  }
}
