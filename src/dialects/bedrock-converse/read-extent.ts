import { ExtentDraft, type Extent } from '../../canonical/extent.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject, wordOf } from '../../canonical/json.ts'
import { isGiven, listIn } from '../shared/call-fields.ts'

/** What bounds the input of a call. Source: Bedrock runtime service model, 2023-09-30, `ConverseRequest`. */
export function readExtent(body: JsonObject): Extent {
  const extent = new ExtentDraft()
  const { toolConfig, additionalModelRequestFields: additional, performanceConfig, serviceTier } = body
  if (isJsonObject(toolConfig)) for (const tool of listIn(toolConfig, 'tools')) readTool(tool, extent)
  for (const message of listIn(body, 'messages')) {
    extent.messages += 1
    if (isJsonObject(message)) for (const block of listIn(message, 'content')) readBlock(block, extent)
  }
  if (isGiven(body['promptVariables']) || /:prompt\//.test(wordOf(body['model']))) extent.unseen('a stored prompt')
  if (isJsonObject(additional)) readAdditional(additional, extent)
  if (isJsonObject(performanceConfig)) extent.tier('performanceConfig.latency', performanceConfig['latency'])
  if (isJsonObject(serviceTier)) extent.tier('serviceTier.type', serviceTier['type'])
  return extent.done()
}

/** Besides specifications, whose tools the client runs, there are tools that run at Bedrock, as often as they like. */
function readTool(tool: Json, extent: ExtentDraft): void {
  if (!isJsonObject(tool) || isGiven(tool['toolSpec'])) return void (extent.tools += 1)
  const { systemTool } = tool
  if (isJsonObject(systemTool)) extent.serverTool(`tool ${wordOf(systemTool['name'])}`, undefined)
}

function readBlock(block: Json, extent: ExtentDraft): void {
  if (!isJsonObject(block)) return
  if (isGiven(block['image'])) extent.images += 1
  // A page has more tokens than its bytes may show: it is compressed, and read as a picture too.
  for (const kind of ['document', 'video', 'audio']) if (isGiven(block[kind])) extent.unseen(`a ${kind}`)
  const { toolResult } = block
  if (isJsonObject(toolResult)) for (const inner of listIn(toolResult, 'content')) readBlock(inner, extent)
}

/** What goes to the model as it stands may be tools of its maker, or anything: only sampling and thinking are known to be bounded. */
function readAdditional(additional: JsonObject, extent: ExtentDraft): void {
  for (const [key, value] of Object.entries(additional)) {
    if (!isGiven(value) || boundedFields.has(key)) continue
    if (
      key === 'inferenceConfig' &&
      isJsonObject(value) &&
      Object.keys(value).every((inner) => boundedFields.has(inner))
    )
      continue
    extent.serverTool(`additionalModelRequestFields.${key}`.slice(0, 100), undefined)
  }
}

const boundedFields: ReadonlySet<string> = new Set([
  'thinking',
  'reasoning_config',
  'reasoningConfig',
  'reasoning_effort',
  'output_config',
  'top_k',
  'topK',
  'temperature',
  'topP',
  'top_p',
  'seed',
  'stop',
  'stopSequences',
  'stop_sequences',
  'presence_penalty',
  'frequency_penalty',
  'tool_choice',
  'metadata',
])
