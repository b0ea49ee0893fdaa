import type { Block, TextBlock, ThoughtBlock, ToolResultBlock, ToolUseBlock } from '../../../canonical/chat.ts'
import type { Json } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { unsignedMark } from '../unsigned-thoughts.ts'
import { cacheControl } from './cache-control.ts'
import { loseBlock } from '../../shared/translation/lose-block.ts'
import { dialectName, isOwn } from './own.ts'
import { signatureFormat } from './read-blocks.ts'
import { inputOf } from '../../shared/translation/tool-input.ts'
import { legalId, legalName } from './tool-names.ts'
import { writeMedia } from './write-media.ts'

/**
 * A block in this dialect, a plain string for text that was one and still is.
 * @returns `undefined` when it has no place here; `losses` then tells so.
 */
export function writeBlock(block: Block, losses: Losses): Json | undefined {
  const written = rewrite(block, dialectName, (one) => freshBlock(one, losses) ?? null)
  return written ?? undefined
}

/** Blocks as `content` holds them: the string again, where a plain string is all there is. */
export function writeContent(blocks: readonly Block[], losses: Losses): string | readonly Json[] {
  const written = blocks.map((block) => writeBlock(block, losses)).filter((block) => block !== undefined)
  const [only] = written
  if (written.length === 1 && typeof only === 'string') return only
  return written.map(asObject)
}

export function asObject(block: Json): Json {
  return typeof block === 'string' ? { type: 'text', text: block } : block
}

function freshBlock(block: Block, losses: Losses): Json | undefined {
  switch (block.kind) {
    case 'text':
      return freshText(block, losses)
    case 'json':
      losses.account(block, ['kind', 'value'])
      return { type: 'text', text: JSON.stringify(block.value) }
    case 'refusal':
      losses.account(block, ['kind', 'text'])
      losses.approximated(block, 'text', 'a refusal is told as text')
      return isVisible(block.text) ? { type: 'text', text: block.text } : undefined
    case 'thought':
      return freshThought(block, losses)
    case 'image':
    case 'document':
    case 'audio':
      return writeMedia(block, losses, writeContent)
    case 'tool-use':
      return freshToolUse(block, losses)
    case 'tool-result':
      return freshToolResult(block, losses)
    case 'opaque':
      if (isOwn(block)) return originOf(block)?.wire
      loseBlock(block, losses, `only its own dialect has a word for ${block.type}`)
      return undefined
  }
}

function freshText(block: TextBlock, losses: Losses): Json | undefined {
  const { text, citations, cache } = block
  // A citation is in the wording of the dialect it was read from.
  losses.account(block, ['kind', 'text', 'cache', ...(isOwn(block) ? (['citations'] as const) : [])])
  if (!isVisible(text)) {
    if (text !== '') losses.lost(block, 'text', 'Anthropic refuses text without a visible character')
    if (cache) losses.lost(block, 'cache', 'the text that it marks is left out')
    return undefined
  }
  if (isPlainString(block) && cache === undefined) return text
  return { type: 'text', text, ...(isOwn(block) && citations && { citations }), ...cacheControl(cache) }
}

function isPlainString(block: TextBlock): boolean {
  return isOwn(block) && typeof originOf(block)?.wire === 'string'
}

/** "text content blocks must contain non-whitespace text", as Anthropic refuses it. */
function isVisible(text: string): boolean {
  return text.trim() !== ''
}

function freshThought(block: ThoughtBlock, losses: Losses): Json | undefined {
  const { text, signature, redactedData } = block
  const isReadable = block.signatureFormat === undefined || block.signatureFormat === signatureFormat
  const told: Json | undefined =
    redactedData !== undefined
      ? { type: 'redacted_thinking', data: redactedData }
      : signature !== undefined && signature !== ''
        ? { type: 'thinking', thinking: text, signature }
        : undefined
  if (isReadable && told !== undefined) {
    losses.account(block, ['kind', 'text', 'signature', 'redactedData', 'signatureFormat'])
    return told
  }
  if (isOwn(block)) return { type: 'thinking', thinking: text, signature: unsignedMark }
  loseBlock(block, losses, 'Anthropic takes back only thoughts that it signed itself')
  return undefined
}

function freshToolUse(block: ToolUseBlock, losses: Losses): Json {
  const { input, isExact } = inputOf(block.argumentsText)
  const [id, name] = [legalId(block.id), legalName(block.name)]
  losses.account(block, ['kind', 'id', 'name', 'argumentsText', 'cache'])
  if (!isExact) losses.approximated(block, 'argumentsText', 'no JSON object: told as the text it is')
  if (id !== block.id) losses.approximated(block, 'id', 'written with legal characters, here and in its result')
  if (name !== block.name)
    losses.approximated(block, 'name', 'written with legal characters; the answer has it as it was')
  return { type: 'tool_use', id, name, input, ...cacheControl(block.cache) }
}

function freshToolResult(block: ToolResultBlock, losses: Losses): Json {
  const { toolUseId, isError, cache } = block
  const id = legalId(toolUseId)
  losses.account(block, ['kind', 'toolUseId', 'blocks', 'isError', 'cache'])
  if (id !== toolUseId) losses.approximated(block, 'toolUseId', 'written with legal characters, here and in its call')
  const content = writeContent(
    block.blocks.filter((inner) => isInResult(inner, losses)),
    losses,
  )
  return {
    type: 'tool_result',
    tool_use_id: id,
    ...(content.length > 0 && { content }),
    ...(isError !== undefined && { is_error: isError }),
    ...cacheControl(cache),
  }
}

function isInResult(block: Block, losses: Losses): boolean {
  if (block.kind !== 'thought' && block.kind !== 'tool-use' && block.kind !== 'tool-result') return true
  loseBlock(block, losses, 'a result of a tool holds texts, images and documents only')
  return false
}
