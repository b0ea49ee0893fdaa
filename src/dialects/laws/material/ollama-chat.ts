import { isJsonObject, type Json, type JsonObject } from '../../../canonical/json.ts'
import type { Accumulated, DocumentedDefault, Material, NeedlessPlace } from '../material.ts'
import { ollamaGolden } from './ollama-golden.ts'

/** Values that say what leaving the field out says. Source: Ollama, docs/api.md and api/types.go, read 2026-11. */
const defaults: readonly DocumentedDefault[] = [
  { pattern: 'stream', values: [true], reason: 'default `true`' },
  { pattern: 'format', values: [''], reason: 'an empty text says nothing' },
  { pattern: 'options', values: [{}], reason: 'an empty object says nothing' },
  { pattern: 'options.num_predict', values: [0, -1, -2], reason: 'no cap is the default' },
  { pattern: 'options.top_p', values: [1], reason: 'all of it is left to choose from' },
  { pattern: 'options.presence_penalty', values: [0], reason: 'default 0' },
  { pattern: 'options.frequency_penalty', values: [0], reason: 'default 0' },
  { pattern: 'logprobs', values: [false], reason: 'default `false`' },
  { pattern: 'messages[].content', values: [''], reason: 'an empty text says nothing' },
  { pattern: 'messages[].thinking', values: [''], reason: 'an empty text says nothing' },
  { pattern: 'tools[].type', values: ['function'], reason: 'a tool with a `function` can be nothing else' },
  {
    pattern: 'messages[].tool_calls[].type',
    values: ['function'],
    reason: 'a call with a `function` can be nothing else',
  },
  {
    pattern: 'messages[].tool_calls[].function.index',
    values: 'place',
    reason: 'its place in the list says the same',
  },
  { pattern: 'messages[].tool_calls[].function.arguments', values: [{}], reason: 'no arguments are empty arguments' },
  // Of answers.
  { pattern: 'done', values: [true], reason: 'a whole answer is done' },
  { pattern: 'done_reason', values: ['stop'], reason: 'an answer that does not say why it ended has ended by itself' },
  { pattern: 'message.role', values: ['assistant'], reason: 'an answer is always the assistant’s' },
  { pattern: 'message.content', values: [''], reason: 'an empty text says nothing' },
  {
    pattern: 'message.tool_calls[].type',
    values: ['function'],
    reason: 'a call with a `function` can be nothing else',
  },
  { pattern: 'message.tool_calls[].function.index', values: 'place', reason: 'its place in the list says the same' },
  { pattern: 'message.tool_calls[].function.arguments', values: [{}], reason: 'no arguments are empty arguments' },
]

const durations = ['total_duration', 'load_duration', 'prompt_eval_duration', 'eval_duration']

export const ollamaMaterial: Material = {
  apis: ['ollama-chat'],
  leftOut: {},
  golden: ollamaGolden,
  freeFormInAnswers: [['message', 'tool_calls', '*', 'function', 'arguments'], ['logprobs']],
  defaults,
  repeated: [],
  needless: {
    call: ['messages[].tool_name', 'messages[].name', 'messages[].tool_call_id'].map((pattern) => ({
      pattern,
      reason: 'the call that is answered is named by its id, its tool and its place in the order',
    })),
    answer: durations.map((pattern): NeedlessPlace => ({
      pattern,
      reason: 'how long the machine took: a client measures for itself',
    })),
  },
  accumulate,
}

/** As users of `ollama` do it: texts and thoughts are added up, calls come whole. */
function accumulate(frames: readonly Json[]): readonly Accumulated[] {
  let text = ''
  let thoughts = ''
  const calls: JsonObject[] = []
  let prefix: string | undefined
  for (const line of frames) {
    const message = isJsonObject(line) ? line['message'] : undefined
    if (!isJsonObject(line) || !isJsonObject(message)) continue
    prefix ??= `call_${String(line['created_at']).replace(/\D/g, '')}`
    if (typeof message['content'] === 'string') text += message['content']
    if (typeof message['thinking'] === 'string') thoughts += message['thinking']
    if (Array.isArray(message['tool_calls'])) calls.push(...message['tool_calls'].filter((one) => isJsonObject(one)))
  }
  const toolCalls = calls.map((call, index) => {
    const called = isJsonObject(call['function']) ? call['function'] : {}
    return {
      id: typeof call['id'] === 'string' ? call['id'] : `${prefix}_${index}`,
      name: String(called['name']),
      argumentsText: JSON.stringify(called['arguments'] ?? {}),
    }
  })
  return [{ text, thoughts, toolCalls }]
}
