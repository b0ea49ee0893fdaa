import type { ChatCall, Logprobs, OutputFormat, Reasoning } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray, readMessages as readMessageList, readModelName } from '../../shared/call-fields.ts'
import { capIn } from '../read-call.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { dialectName, fieldsIn } from './own.ts'
import { readMessages } from './read-messages.ts'
import { readTools } from './read-tools.ts'

/** The whole question. Source: Ollama, docs/api.md and api/types.go (`ChatRequest`, `Options`), read 2026-11. */
export function readChat(body: JsonObject): ChatCall {
  const fields = fieldsIn(body, '')
  const modelName = readModelName(body)
  const messages = readMessages(readMessageList(body))
  fields.note('modelName', 'model')
  fields.note('messages', 'messages')
  return fields.hear<ChatCall>({
    modelName,
    isStream: fields.flag('isStream', 'stream') ?? true,
    messages,
    tools: readTools(fields),
    toolChoice: undefined,
    mayCallToolsInParallel: undefined,
    outputCapTokens: readOutputCap(fields),
    temperature: fields.number('temperature', 'options.temperature'),
    topP: fields.number('topP', 'options.top_p'),
    topK: fields.number('topK', 'options.top_k'),
    minP: fields.number('minP', 'options.min_p'),
    stopSequences: readStop(fields),
    seed: fields.number('seed', 'options.seed'),
    presencePenalty: fields.number('presencePenalty', 'options.presence_penalty'),
    frequencyPenalty: fields.number('frequencyPenalty', 'options.frequency_penalty'),
    logitBias: undefined,
    choiceCount: undefined,
    logprobs: readLogprobs(fields),
    outputFormat: readOutputFormat(fields),
    reasoning: readReasoning(fields),
    verbosity: undefined,
    endUser: undefined,
    metadata: undefined,
    serviceTier: undefined,
    wantsStreamUsage: undefined,
    cache: undefined,
  })
}

/** What is no cap is understood all the same: as much as the model has to say is what every dialect gives unasked. */
function readOutputCap(fields: WireFields): number | undefined {
  const options = fields.at('options')
  const cap = isJsonObject(options) ? capIn(options) : undefined
  if (cap === undefined) fields.understand('options.num_predict')
  return cap === undefined ? undefined : fields.number('outputCapTokens', 'options.num_predict')
}

function readStop(fields: WireFields): readonly string[] | undefined {
  const stop = fields.at('options.stop')
  if (!isJsonArray(stop) || !stop.every((one) => typeof one === 'string')) return undefined
  fields.note('stopSequences', 'options.stop')
  return stop
}

function readLogprobs(call: WireFields): Logprobs | undefined {
  const fields = fieldsIn(call.wire, '')
  const isWanted = fields.flag('isWanted', 'logprobs')
  const topCount = fields.number('topCount', 'top_logprobs')
  const keys = ['isWanted', 'topCount'].flatMap((field) => fields.keyOf(field) ?? [])
  const [first] = keys
  if (first === undefined) return undefined
  call.note('logprobs', first)
  call.understand(...keys)
  return fields.hear<Logprobs>({ isWanted: isWanted ?? false, topCount }, null)
}

/** `json`, or a schema, which Ollama always enforces. An empty text is what its older libraries send for neither. */
function readOutputFormat(call: WireFields): OutputFormat | undefined {
  const wire = call.at('format')
  if (wire === '') call.understand('format')
  if (wire === 'json') return hearFormat(call, { kind: 'json-object' }, { kind: '' })
  if (!isJsonObject(wire)) return undefined
  const format = {
    kind: 'json-schema',
    name: undefined,
    description: undefined,
    schema: wire,
    isStrict: true,
  } as const
  return hearFormat(call, format, { schema: '' })
}

function hearFormat(call: WireFields, format: OutputFormat, heard: Readonly<Record<string, string>>): OutputFormat {
  call.note('outputFormat', 'format')
  return hear(format, { dialect: dialectName, wire: call.at('format') ?? null, path: 'format', heard, unheard: [] })
}

/** Whether to think, or how much. */
function readReasoning(call: WireFields): Reasoning | undefined {
  const think = call.at('think')
  if (typeof think !== 'boolean' && typeof think !== 'string') return undefined
  call.note('reasoning', 'think')
  const isEffort = typeof think === 'string'
  const reasoning: Reasoning = {
    mode: isEffort ? undefined : think ? 'on' : 'off',
    effort: isEffort ? think : undefined,
    budgetTokens: undefined,
    display: undefined,
  }
  const heard: Readonly<Record<string, string>> = isEffort ? { effort: '' } : { mode: '' }
  return hear(reasoning, { dialect: dialectName, wire: think, path: 'think', heard, unheard: [] })
}
