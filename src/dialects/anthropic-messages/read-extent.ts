import { ExtentDraft, type Extent } from '../../canonical/extent.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject, wordOf } from '../../canonical/json.ts'
import { isGiven, listIn } from '../shared/call-fields.ts'

/** What bounds the input of a call. Source: @anthropic-ai/sdk 1.12.0, resources/beta/messages; Anthropic docs, 2026-11. */
export function readExtent(body: JsonObject): Extent {
  const extent = new ExtentDraft()
  for (const tool of listIn(body, 'tools')) readTool(tool, extent)
  for (const message of listIn(body, 'messages')) {
    extent.messages += 1
    if (isJsonObject(message)) readBlocks(listIn(message, 'content'), extent)
  }
  for (const key of serverSide) if (isGiven(body[key])) extent.serverTool(key, undefined)
  const management = body['context_management']
  // Clearing takes away; anything else (compaction) is a round of its own, billed besides.
  if (isJsonObject(management) && listIn(management, 'edits').some((edit) => !isClearing(edit)))
    extent.serverTool('context_management', undefined)
  for (const key of ['service_tier', 'speed', 'inference_geo']) extent.tier(key, body[key])
  return extent.done()
}

/** What runs at the provider, as often as it likes. */
const serverSide = ['mcp_servers', 'container'] as const

/** Tools that the client itself runs; the provider adds their wording to the prompt. By the part before the date. */
const clientTools = ['bash', 'text_editor', 'computer', 'memory'] as const

function readTool(tool: Json, extent: ExtentDraft): void {
  const type = isJsonObject(tool) ? tool['type'] : undefined
  if (!isJsonObject(tool) || type === undefined || type === null || type === 'custom') return void (extent.tools += 1)
  extent.wordedTools += 1
  const name = wordOf(type)
  if (clientTools.some((known) => name.startsWith(`${known}_`))) return
  // It asks another model, at that one's price.
  const uses = name.startsWith('advisor_') ? undefined : tool['max_uses']
  extent.serverTool(
    `tool ${name}`,
    typeof uses === 'number' && Number.isSafeInteger(uses) && uses >= 0 ? uses : undefined,
    // Searching and fetching may be bounded, running code may not.
    name.startsWith('web_') ? 'max_uses' : undefined,
  )
}

function isClearing(edit: Json): boolean {
  return isJsonObject(edit) && wordOf(edit['type']).startsWith('clear_')
}

function readBlocks(blocks: readonly Json[], extent: ExtentDraft): void {
  for (const block of blocks) {
    if (!isJsonObject(block)) continue
    switch (block['type']) {
      case 'image':
        extent.images += 1
        break
      // A page has more tokens than its bytes may show: it is compressed, and read as a picture too.
      case 'document':
        extent.unseen('a document')
        break
      case 'container_upload':
        extent.unseen('an uploaded file')
        break
      case 'tool_addition': {
        const { tool } = block
        if (isJsonObject(tool) && isGiven(tool['definition'])) readTool(tool['definition'] ?? null, extent)
        break
      }
      default:
    }
    // Results of tools hold blocks themselves.
    readBlocks(listIn(block, 'content'), extent)
  }
}
