import { z } from 'zod'
import type { PublishedSchemas } from './published-schemas.ts'

/**
 * Ollama publishes no schema of its chat: here is what its docs/api.md and api/types.go (`ChatRequest`, `Message`, `Tool`, `Options`)
 * name, read 2026-11. No object takes a member that is not named.
 */
export function ollamaPublished(): Pick<PublishedSchemas, 'call'> {
  return {
    call: (body) =>
      (call.safeParse(body).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`),
  }
}

const free = z.record(z.string(), z.unknown())

const toolCall = z.strictObject({
  id: z.string().optional(),
  type: z.literal('function').optional(),
  function: z.strictObject({ index: z.int().optional(), name: z.string().min(1), arguments: free }),
})

const message = z.strictObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string(),
  thinking: z.string().optional(),
  images: z.array(z.base64()).optional(),
  tool_calls: z.array(toolCall).optional(),
  tool_name: z.string().optional(),
  tool_call_id: z.string().optional(),
})

const tool = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({ name: z.string().min(1), description: z.string().optional(), parameters: free }),
})

const options = z.strictObject({
  num_ctx: z.int().optional(),
  num_predict: z.int().optional(),
  seed: z.int().optional(),
  temperature: z.number().optional(),
  top_k: z.int().optional(),
  top_p: z.number().optional(),
  min_p: z.number().optional(),
  stop: z.array(z.string()).optional(),
  presence_penalty: z.number().optional(),
  frequency_penalty: z.number().optional(),
  repeat_penalty: z.number().optional(),
})

const call = z.strictObject({
  model: z.string().min(1),
  messages: z.array(message),
  stream: z.boolean().optional(),
  format: z.union([z.literal('json'), free]).optional(),
  options: options.optional(),
  tools: z.array(tool).optional(),
  think: z.union([z.boolean(), z.enum(['low', 'medium', 'high', 'max'])]).optional(),
  logprobs: z.boolean().optional(),
  top_logprobs: z.int().optional(),
  keep_alive: z.union([z.string(), z.number()]).optional(),
})
