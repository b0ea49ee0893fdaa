import type { Block, MediaBlock, TextBlock, ThoughtBlock, ToolUseBlock } from '../../../canonical/chat.ts'
import type { Json } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { loseBlock } from '../../shared/translation/lose-block.ts'
import { urlOfSource } from '../../shared/translation/media-source.ts'
import { dialectName, isOwn } from './own.ts'

/** Content as a message holds it: the string again, where a plain string is all there is. */
export function writeContent(blocks: readonly Block[], losses: Losses): string | readonly Json[] {
  const parts = writeParts(blocks, losses)
  const [only] = parts
  if (parts.length === 1 && typeof only === 'string') return only
  return parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part))
}

/** Each block as the part or the call that says it, a plain string for text. What has no place here is named, and left out. */
export function writeParts(blocks: readonly Block[], losses: Losses): readonly Json[] {
  return blocks
    .map((block) => rewrite(block, dialectName, (one) => freshPart(one, losses) ?? null))
    .filter((part) => part !== null)
}

function freshPart(block: Block, losses: Losses): Json | undefined {
  switch (block.kind) {
    case 'text':
      return freshText(block, losses)
    case 'refusal':
      losses.account(block, ['kind', 'text'])
      losses.approximated(block, 'text', 'a refusal is told as text')
      return block.text
    case 'thought':
      return freshThought(block, losses)
    case 'image':
      return freshImage(block, losses)
    case 'json':
      losses.account(block, ['kind', 'value'])
      // A tool's result is text, or documents, which are objects.
      return isJsonObject(block.value)
        ? { type: 'document', document: { data: block.value } }
        : JSON.stringify(block.value)
    case 'tool-use':
      return freshCall(block, losses)
    case 'opaque':
      if (isOwn(block)) return originOf(block)?.wire
      loseBlock(block, losses, `only its own dialect has a word for ${block.type}`)
      return undefined
    case 'document':
    case 'audio':
    case 'tool-result':
      loseBlock(block, losses, 'Cohere has no place for it in a message')
      return undefined
  }
}

function freshText(block: TextBlock, losses: Losses): Json {
  // An empty list of citations says nothing; others are in the wording of their dialect.
  losses.account(block, ['kind', 'text', ...(block.citations?.length === 0 ? (['citations'] as const) : [])])
  const wire = originOf(block)?.wire
  if (!isOwn(block) || typeof wire === 'string') return block.text
  const isDocument = isJsonObject(wire) && wire['type'] === 'document'
  return isDocument ? { type: 'document', document: { data: block.text } } : { type: 'text', text: block.text }
}

/** Cohere signs no thoughts: those that nobody signed may be its own; from those of others its models could not go on. */
function freshThought(block: ThoughtBlock, losses: Losses): Json | undefined {
  const { signature, redactedData, signatureFormat } = block
  const isAnothers = signature !== undefined || redactedData !== undefined || signatureFormat !== undefined
  if (isAnothers && !isOwn(block)) {
    loseBlock(block, losses, 'Cohere takes back only thoughts of its own models')
    return undefined
  }
  losses.account(block, ['kind', 'text'])
  return { type: 'thinking', thinking: block.text }
}

function freshImage(block: MediaBlock, losses: Losses): Json | undefined {
  const url = urlOfSource(block.source)
  if (url === undefined) {
    loseBlock(block, losses, 'Cohere is told a picture by its bytes or by its address')
    return undefined
  }
  const { detail } = block
  const isDetailKnown = detail === undefined || details.has(detail) || isOwn(block)
  losses.account(block, ['kind', 'source', ...(isDetailKnown ? (['detail'] as const) : [])])
  return { type: 'image_url', image_url: { url, ...(isDetailKnown && detail !== undefined && { detail }) } }
}

/** cohere-ai 8.1.0, `ImageUrlDetail`. */
const details: ReadonlySet<string> = new Set(['auto', 'low', 'high'])

function freshCall(block: ToolUseBlock, losses: Losses): Json {
  losses.account(block, ['kind', 'id', 'name', 'argumentsText'])
  return { id: block.id, type: 'function', function: { name: block.name, arguments: block.argumentsText } }
}
