import { isRecord } from '../journeys/sdk/told.ts'
import type { Probed } from './probe.ts'

/**
 * llmprobe calls a wish that is ignored in silence worse than one that is refused. What an upstream has no word for is not passed over
 * in silence: the answer names it in `x-weir-losses`, and `x-weir-strict` has the call refused. This asks for each of them.
 * @returns what is not as it should be.
 */
export async function toldLosses(upstream: string, { origin, apiKey, modelName }: Probed): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const { field, path, wish } of wishes.filter(({ upstreams }) => upstreams.includes(upstream))) {
    const ask = (more: Readonly<Record<string, string>>) =>
      fetch(`${origin}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}`, ...more },
        body: JSON.stringify({ model: modelName, ...wish }),
      })
    const answer = await ask({})
    const named = answer.headers.get('x-weir-losses') ?? ''
    await answer.arrayBuffer()
    if (!named.split(', ').includes(field)) wrong.push(`${path}: ${field} is not named in x-weir-losses: ${named}`)
    const strict = await ask({ 'x-weir-strict': 'true' })
    const body: unknown = await strict.json()
    const error = isRecord(body) ? body['error'] : undefined
    if (strict.status !== 400 || !isRecord(error))
      wrong.push(`${path}: with x-weir-strict ${field} is answered with ${strict.status}`)
  }
  return wrong
}

const messages = [{ role: 'user', content: 'Say one word, as JSON.' }]

const schema = { type: 'object', properties: {} }
const one = 'parallel_tool_calls'

const wishes = [
  { upstreams: ['messages'], path: '/v1/chat/completions', field: 'n', wish: { messages, n: 2 } },
  {
    upstreams: ['messages'],
    path: '/v1/chat/completions',
    field: 'logprobs',
    wish: { messages, logprobs: true },
  },
  {
    upstreams: ['messages'],
    path: '/v1/chat/completions',
    field: 'response_format',
    wish: { messages, response_format: { type: 'json_object' } },
  },
  {
    upstreams: ['messages'],
    path: '/v1/responses',
    field: 'text.format',
    wish: { input: 'Say one word, as JSON.', text: { format: { type: 'json_object' } } },
  },
  {
    upstreams: ['generate'],
    path: '/v1/chat/completions',
    field: one,
    wish: { messages, [one]: false, tools: [{ type: 'function', function: { name: 'go', parameters: schema } }] },
  },
  {
    upstreams: ['generate'],
    path: '/v1/responses',
    field: one,
    wish: { input: 'Go.', [one]: false, tools: [{ type: 'function', name: 'go', parameters: schema }] },
  },
  {
    upstreams: ['generate'],
    path: '/v1/messages',
    field: 'tool_choice.disable_parallel_tool_use',
    wish: {
      max_tokens: 100,
      messages,
      tools: [{ name: 'go', input_schema: schema }],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    },
  },
]
