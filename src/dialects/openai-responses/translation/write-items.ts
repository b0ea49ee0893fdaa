import type { Block, Message, ToolResultBlock, ToolUseBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { toldOtherwiseWhy } from '../../shared/translation/legal-names.ts'
import { leaveOut, ToldTurns } from '../../shared/translation/told-turns.ts'
import { legalCallId } from '../call-id.ts'
import { inputOfArguments } from '../../vendors/openai/custom-tools.ts'
import { dialectName, isOwn } from './own.ts'
import { accountFor, type Pen } from './pen.ts'
import { legalName } from './tool-names.ts'
import { isSignedHere, writeThought } from './write-thought.ts'
import { accountForText, writeParts } from './write-parts.ts'

/** The `instructions` and the `input` of an own call, each in the form it came in. */
export function writeOwnInput(messages: readonly Message[], wire: JsonObject, pen: Pen): JsonObject {
  const [first, ...others] = messages
  const instructions = first && originOf(first)?.path === 'instructions' ? onlyText(first) : undefined
  const rest = instructions === undefined ? messages : others
  const [only] = rest
  const plain = rest.length === 1 && only && typeof wire['input'] === 'string' ? onlyText(only) : undefined
  const hasInput = rest.length > 0 || (wire['input'] !== undefined && wire['input'] !== null)
  return {
    ...(instructions !== undefined && { instructions }),
    ...(hasInput && { input: plain ?? writeInput(rest, pen) }),
  }
}

/**
 * The items that say these turns.
 * @throws GatewayError `unsupported` where nothing of what is to be answered has a word here.
 */
export function writeInput(messages: readonly Message[], pen: Pen): readonly Json[] {
  const told = new ToldTurns(pen.losses)
  const items = messages.flatMap((message) => {
    if (!isOwn(message)) return foreignItems(message, told, pen)
    if (typeof originOf(message)?.wire === 'string') return [ownTurn(message, pen)]
    const isTurn = Array.isArray(originOf(message)?.wire)
    const written = isTurn
      ? rewrite<Message>(
          message,
          dialectName,
          (one) => ownAssistantItems(one, pen),
          (_was, _before, after) => after,
        )
      : rewrite<Message>(message, dialectName, (one) => ownTurn(one, pen))
    return Array.isArray(written) ? written : [written]
  })
  told.check()
  return items
}

/** Whether a thought goes along that must come back encrypted. */
export function holdsSigned(messages: readonly Message[]): boolean {
  return messages.some(({ blocks }) => blocks.some((block) => block.kind === 'thought' && isSignedHere(block)))
}

/** A turn of anybody but the assistant, which was one item. */
function ownTurn(message: Message, pen: Pen): JsonObject {
  const [only] = message.blocks
  if (message.blocks.length === 1 && only?.kind === 'tool-result') return resultItem(only, pen)
  if (message.blocks.length === 1 && only?.kind === 'opaque' && isOwn(only)) return wireObject(only)
  return { role: message.role, content: ownContent(message, message.blocks, pen) }
}

/** The items of a turn, each with what has become of its blocks. One whose blocks are gone is gone. */
function ownAssistantItems(message: Message, pen: Pen): readonly Json[] {
  const origin = originOf(message)
  const wire: Json = origin?.wire ?? []
  const first = indexIn(origin?.heard['blocks'] ?? '')
  const byItem = Map.groupBy(message.blocks, (block) => (isOwn(block) ? indexIn(originOf(block)?.path ?? '') : -1))
  const own = (Array.isArray(wire) ? wire : []).flatMap((item: Json, place) =>
    itemWith(item, byItem.get(first + place) ?? [], message, pen),
  )
  return [...own, ...assistantItems(byItem.get(-1) ?? [], pen)]
}

function itemWith(item: Json, blocks: readonly Block[], message: Message, pen: Pen): readonly Json[] {
  if (!isJsonObject(item) || (item['type'] ?? 'message') !== 'message')
    return blocks.map((block) => rewrite<Block>(block, dialectName, (one) => freshItem(one, pen)))
  const { content } = item
  if (blocks.length === 0) return Array.isArray(content) && content.length > 0 ? [] : [item]
  const isPlain = typeof content === 'string'
  return [{ ...item, content: isPlain ? ownContent(message, blocks, pen) : writeParts(blocks, 'output_text', pen) }]
}

function freshItem(block: Block, pen: Pen): Json {
  switch (block.kind) {
    case 'thought':
      return writeThought(block)
    case 'tool-use':
      return callItem(block, pen)
    default:
      return originOf(block)?.wire ?? null
  }
}

/** A plain text where it was one. */
function ownContent(message: Message, blocks: readonly Block[], pen: Pen): Json {
  const [only] = blocks
  if (blocks.length === 1 && only?.kind === 'text' && typeof originOf(only)?.wire === 'string') return only.text
  return writeParts(blocks, message.role === 'assistant' ? 'output_text' : 'input_text', pen)
}

function foreignItems(message: Message, told: ToldTurns, pen: Pen): readonly Json[] {
  accountFor(message, ['role', 'blocks'], pen)
  const { role, blocks } = message
  const items = role === 'assistant' ? assistantItems(blocks, pen) : othersItems(role, blocks, pen)
  if (role !== 'system' && role !== 'developer') told.note(message, items.length > 0)
  else if (items.length === 0) leaveOut(message, pen.losses)
  return items
}

function othersItems(role: Exclude<Message['role'], 'assistant'>, blocks: readonly Block[], pen: Pen): readonly Json[] {
  const items: Json[] = []
  let parts: Block[] = []
  const endTurn = () => {
    if (parts.length > 0) items.push(...turnItems(role === 'tool' ? 'user' : role, parts, pen))
    parts = []
  }
  for (const block of blocks)
    if (block.kind === 'tool-result') {
      endTurn()
      items.push(resultItem(block, pen))
    } else parts.push(block)
  endTurn()
  return items
}

function turnItems(role: 'system' | 'developer' | 'user', blocks: readonly Block[], pen: Pen): readonly Json[] {
  const isSystem = role !== 'user'
  const sayable = blocks.filter((block) => {
    if (block.kind === 'text' || (!isSystem && isMedia(block))) return true
    pen.losses.whole(block, isSystem ? 'a turn of the system holds text only' : 'it has no place in this turn')
    return false
  })
  const content = contentOf(sayable, pen)
  return content === undefined ? [] : [{ role, content }]
}

/** A plain text, where that is all there is; nothing, when there is nothing to say. */
function contentOf(blocks: readonly Block[], pen: Pen): Json | undefined {
  const parts = writeParts(blocks, 'input_text', pen)
  const [only] = parts
  if (parts.length === 1 && isJsonObject(only) && only['type'] === 'input_text' && Object.keys(only).length === 2)
    return only['text'] ?? ''
  return parts.length === 0 ? undefined : parts
}

/** Thoughts, texts and calls, each an item of its own, in their order. */
function assistantItems(blocks: readonly Block[], pen: Pen): readonly Json[] {
  return blocks.flatMap((block): readonly Json[] => {
    switch (block.kind) {
      case 'text':
        accountForText(block, [], pen)
        return block.text === '' ? [] : [{ role: 'assistant', content: block.text }]
      case 'refusal':
        accountFor(block, ['text'], pen)
        pen.losses.approximated(block, 'text', 'a refusal is told as text')
        return [{ role: 'assistant', content: block.text }]
      case 'thought':
        if (!isSignedHere(block)) {
          pen.losses.whole(block, 'the target takes back only thoughts that it encrypted itself')
          return []
        }
        accountFor(block, ['text', 'signature', 'redactedData', 'signatureFormat'], pen)
        return [writeThought(block)]
      case 'tool-use':
        return [callItem(block, pen)]
      case 'opaque':
        pen.losses.whole(block, `only its own dialect has a word for ${block.type}`)
        return []
      default:
        pen.losses.whole(block, 'the target takes no media in a turn of the assistant')
        return []
    }
  })
}

function callItem(block: ToolUseBlock, pen: Pen): JsonObject {
  const callId = isOwn(block) ? block.id : legalCallId(block.id)
  if (callId !== block.id) pen.losses.approximated(block, 'id', 'cut to what the target takes, here and in its result')
  const name = isOwn(block) ? block.name : legalName(block.name)
  if (name !== block.name) pen.losses.approximated(block, 'name', toldOtherwiseWhy)
  accountFor(block, ['id', 'name', 'argumentsText'], pen)
  if (isOwn(block) && wireObject(block)['type'] === 'custom_tool_call')
    return { type: 'custom_tool_call', call_id: callId, name, input: inputOfArguments(block.argumentsText).input }
  return { type: 'function_call', call_id: callId, name, arguments: block.argumentsText }
}

function resultItem(block: ToolResultBlock, pen: Pen): JsonObject {
  if (isOwn(block)) {
    const [only] = block.blocks
    const isPlain = block.blocks.length === 1 && only?.kind === 'text' && typeof originOf(only)?.wire === 'string'
    const output = isPlain ? only.text : writeParts(block.blocks, 'input_text', pen)
    return { type: wireObject(block)['type'] ?? 'function_call_output', call_id: block.toolUseId, output }
  }
  const callId = legalCallId(block.toolUseId)
  if (callId !== block.toolUseId)
    pen.losses.approximated(block, 'toolUseId', 'cut to what the target takes, here and in its call')
  const sayable = block.blocks.filter((inner) => {
    if (inner.kind === 'text' || inner.kind === 'json' || isMedia(inner)) return true
    pen.losses.whole(inner, 'a result of a tool holds texts, images and documents only')
    return false
  })
  const isFailed = block.isError === true
  if (isFailed) pen.losses.lost(block, 'isError', 'the target has no word for a failed result: its text alone tells')
  accountFor(block, ['toolUseId', 'blocks', ...(block.isError === false ? (['isError'] as const) : [])], pen)
  // A failure about which the tool said nothing would look like a success.
  return { type: 'function_call_output', call_id: callId, output: contentOf(sayable, pen) ?? (isFailed ? 'error' : '') }
}

function isMedia(block: Block): boolean {
  return block.kind === 'image' || block.kind === 'document' || block.kind === 'audio'
}

function onlyText(message: Message): string | undefined {
  const [only] = message.blocks
  return message.blocks.length === 1 && only?.kind === 'text' ? only.text : undefined
}

function wireObject(block: Block): JsonObject {
  const wire = originOf(block)?.wire
  return isJsonObject(wire) ? wire : {}
}

function indexIn(path: string): number {
  return Number(/^input\[(\d+)\]/.exec(path)?.[1] ?? -1)
}
