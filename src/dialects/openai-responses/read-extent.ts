import { ExtentDraft, type Extent } from '../../canonical/extent.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject, wordOf } from '../../canonical/json.ts'
import { isGiven, listIn } from '../shared/call-fields.ts'

/** What bounds the input of a call. Source: OpenAI API description 2.3.0; OpenAI's guides on its tools, 2026-11. */
export function readExtent(body: JsonObject): Extent {
  const extent = new ExtentDraft()
  const mostUses = countIn(body, 'max_tool_calls')
  for (const tool of listIn(body, 'tools')) readTool(tool, mostUses, extent)
  if (typeof body['input'] === 'string') extent.messages += 1
  if (isGiven(body['instructions'])) extent.messages += 1
  for (const item of listIn(body, 'input')) readItem(item, mostUses, extent)
  for (const key of stored) if (isGiven(body[key])) extent.unseen(key)
  // Several answers are made and weighed, each from the whole input (recorded 2026-07: ten times the tokens of the body).
  const mode = isJsonObject(body['reasoning']) ? body['reasoning']['mode'] : undefined
  if (isGiven(mode) && mode !== 'standard') extent.serverTool('reasoning.mode', undefined)
  // The provider reads what it is to shorten, as often as it finds it too long.
  if (isGiven(body['context_management'])) extent.serverTool('context_management', undefined)
  extent.tier('service_tier', body['service_tier'])
  return extent.done()
}

/** Kept by the provider, and read as part of the input. */
const stored = ['previous_response_id', 'conversation', 'prompt'] as const

/** Tools that the client runs; the provider adds their wording to the prompt. */
const clientTools: ReadonlySet<Json> = new Set([
  'local_shell',
  'apply_patch',
  'computer',
  'computer_use_preview',
  'computer-preview',
])

function readTool(tool: Json, mostUses: number | undefined, extent: ExtentDraft): void {
  const type = isJsonObject(tool) ? tool['type'] : undefined
  if (!isJsonObject(tool) || type === undefined || type === null || type === 'function' || type === 'custom')
    return void (extent.tools += 1)
  extent.wordedTools += 1
  if (type === 'namespace') {
    for (const inner of listIn(tool, 'tools')) readTool(inner, mostUses, extent)
    return
  }
  if (clientTools.has(type) || isOfClient(tool)) return
  if (feeTools.has(type)) extent.feeOf(`tool ${wordOf(type)}`)
  extent.serverTool(`tool ${wordOf(type)}`, mostUses, 'max_tool_calls')
}

/** Charged by the picture, the container and the call (OpenAI's pricing, read 2026-11). A search of the web is counted. */
const feeTools: ReadonlySet<Json> = new Set(['image_generation', 'code_interpreter', 'file_search', 'shell'])

/** A search for tools that the client makes, a shell on its own machine. */
function isOfClient(tool: JsonObject): boolean {
  const { environment } = tool
  return tool['execution'] === 'client' || (isJsonObject(environment) && environment['type'] === 'local')
}

function readItem(item: Json, mostUses: number | undefined, extent: ExtentDraft): void {
  extent.messages += 1
  if (!isJsonObject(item)) return
  const type = item['type'] ?? undefined
  if (type === 'item_reference' || (type === undefined && item['role'] === undefined)) extent.unseen('a stored item')
  if (type === 'compaction') extent.unseen('a compaction')
  // Its text is encrypted, or not here at all: the provider has it.
  if (type === 'reasoning') extent.unseen('a thought')
  for (const tool of listIn(item, 'tools')) readTool(tool, mostUses, extent)
  for (const part of [...listIn(item, 'content'), ...listIn(item, 'output')]) readPart(part, extent)
  // That of a computer is a single picture.
  if (isJsonObject(item['output'])) readPart(item['output'], extent)
}

function readPart(part: Json, extent: ExtentDraft): void {
  switch (isJsonObject(part) ? part['type'] : undefined) {
    case 'input_image':
    case 'computer_screenshot':
      extent.images += 1
      break
    // A page of a document has more tokens than bytes may show: it is compressed, and billed as a picture too.
    case 'input_file':
      extent.unseen('a document')
      break
    default:
  }
}

function countIn(body: JsonObject, key: string): number | undefined {
  const value = body[key]
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
