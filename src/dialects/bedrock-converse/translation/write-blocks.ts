import type { Block, TextBlock, ThoughtBlock, ToolResultBlock, ToolUseBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { joined } from '../../shared/translation/joined.ts'
import { toldOtherwiseWhy } from '../../shared/translation/legal-names.ts'
import { loseBlock } from '../../shared/translation/lose-block.ts'
import { single } from '../../shared/translation/put.ts'
import { markSignature } from '../../shared/translation/signed-elsewhere.ts'
import { inputOf } from '../../shared/translation/tool-input.ts'
import { redactedBytes } from '../redacted.ts'
import { claudeFormat } from './makers.ts'
import { pointWords } from './marked.ts'
import { isOwn, dialectName } from './own.ts'
import type { Pen } from './pen.ts'
import { legalId, legalName } from './tool-names.ts'
import { writeMedia } from './write-media.ts'

/** A block as elements of a content, its cache point behind it; none when it has no place, which `losses` then tells. */
export function writeBlock(block: Block, pen: Pen): readonly Json[] {
  if (block.kind === 'opaque' && isOwn(block)) return [originOf(block)?.wire ?? null]
  const written = rewrite(block, dialectName, (one) => single(freshBlock(one, pen)), joined)
  return Array.isArray(written) ? written : [written]
}

export function writeBlocks(blocks: readonly Block[], pen: Pen): readonly Json[] {
  return blocks.flatMap((block) => writeBlock(block, pen))
}

function freshBlock(block: Block, pen: Pen): readonly JsonObject[] {
  const { losses } = pen
  switch (block.kind) {
    case 'text':
      return freshText(block, pen)
    case 'json':
      losses.account(block, ['kind', 'value'])
      return [isJsonObject(block.value) ? { json: block.value } : { text: JSON.stringify(block.value) }]
    case 'refusal':
      losses.account(block, ['kind', 'text'])
      losses.approximated(block, 'text', 'a refusal is told as text')
      return isVisible(block.text) ? [{ text: block.text }] : []
    case 'thought':
      return freshThought(block, pen)
    case 'image':
    case 'document':
    case 'audio':
      return writeMedia(block, pen)
    case 'tool-use':
      return freshToolUse(block, pen)
    case 'tool-result':
      return freshToolResult(block, pen)
    case 'opaque':
      loseBlock(block, losses, `only its own dialect has a word for ${block.type}`)
      return []
  }
}

function freshText(block: TextBlock, { losses }: Pen): readonly JsonObject[] {
  const { text, cache } = block
  losses.account(block, ['kind', 'text', 'cache'])
  if (isVisible(text) || isOwn(block)) return [{ text }, ...pointWords(cache)]
  if (text !== '') losses.lost(block, 'text', 'Bedrock refuses text without a visible character')
  if (cache) losses.lost(block, 'cache', 'the text that it marks is left out')
  return []
}

/** "The text field in the ContentBlock object is blank", as Bedrock refuses it (2026). */
function isVisible(text: string): boolean {
  return text.trim() !== ''
}

function freshThought(block: ThoughtBlock, { losses, maker }: Pen): readonly JsonObject[] {
  const { text, signature, redactedData, signatureFormat } = block
  const isReadable = signatureFormat === undefined || signatureFormat === claudeFormat
  const isSigned = redactedData !== undefined || (signature !== undefined && signature !== '')
  if (isOwn(block)) return [{ reasoningContent: ownThought(block) }]
  if (!isReadable || !isSigned || (maker !== 'anthropic' && maker !== 'unknown')) {
    loseBlock(block, losses, 'Bedrock takes back only thoughts that the model signed itself')
    return []
  }
  losses.account(block, ['kind', 'text', 'signature', 'redactedData', 'signatureFormat'])
  return [{ reasoningContent: thoughtWords(text, signature, redactedData) }]
}

/** In the wording it was read in: what was signed elsewhere stays marked. */
function ownThought({ text, signature, redactedData, signatureFormat: format }: ThoughtBlock): JsonObject {
  const isForeign = format !== claudeFormat && format !== undefined
  const marked = (said: string | undefined) =>
    said !== undefined && isForeign ? markSignature({ format, signature: said }) : said
  return thoughtWords(text, marked(signature), marked(redactedData))
}

export function thoughtWords(
  text: string,
  signature: string | undefined,
  redactedData: string | undefined,
): JsonObject {
  if (redactedData !== undefined) return { redactedContent: redactedBytes(redactedData) }
  return { reasoningText: { text, ...(signature !== undefined && { signature }) } }
}

function freshToolUse(block: ToolUseBlock, { losses }: Pen): readonly JsonObject[] {
  const { input, isExact } = inputOf(block.argumentsText)
  const [toolUseId, name] = [legalId(block.id), legalName(block.name)]
  losses.account(block, ['kind', 'id', 'name', 'argumentsText', 'cache'])
  if (!isExact) losses.approximated(block, 'argumentsText', 'no JSON object: told as the text it is')
  if (toolUseId !== block.id) losses.approximated(block, 'id', 'written with legal characters, here and in its result')
  if (name !== block.name) losses.approximated(block, 'name', toldOtherwiseWhy)
  return [{ toolUse: { toolUseId, name, input } }, ...pointWords(block.cache)]
}

function freshToolResult(block: ToolResultBlock, pen: Pen): readonly JsonObject[] {
  const { losses } = pen
  const { isError, cache } = block
  const toolUseId = legalId(block.toolUseId)
  losses.account(block, ['kind', 'toolUseId', 'blocks', 'isError', 'cache'])
  if (toolUseId !== block.toolUseId)
    losses.approximated(block, 'toolUseId', 'written with legal characters, here and in its call')
  const content = block.blocks.flatMap((inner) => (isInResult(inner, pen) ? withoutPoint(inner, pen) : []))
  const status = isError === undefined ? {} : { status: isError ? 'error' : 'success' }
  return [{ toolResult: { toolUseId, content, ...status } }, ...pointWords(cache)]
}

const inResults: ReadonlySet<Block['kind']> = new Set(['text', 'json', 'refusal', 'image', 'document', 'opaque'])

function isInResult(block: Block, { losses }: Pen): boolean {
  if (inResults.has(block.kind) || isOwn(block)) return true
  loseBlock(block, losses, 'a result of a tool holds values, texts, images and documents only')
  return false
}

/** Within a result nothing can be marked. */
function withoutPoint(block: Block, pen: Pen): readonly Json[] {
  const written = writeBlock(block, pen)
  if (isOwn(block) || !('cache' in block) || block.cache === undefined) return written
  if (written.length > 0) pen.losses.lost(block, 'cache', 'within the result of a tool nothing can be marked')
  return written.slice(0, 1)
}
