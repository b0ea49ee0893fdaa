import type { Block, MediaBlock, TextBlock, ThoughtBlock, ToolUseBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { parseUnscannedJson } from '../../../wire/json-parse.ts'
import { toldOtherwiseWhy } from '../../shared/translation/legal-names.ts'
import { loseBlock } from '../../shared/translation/lose-block.ts'
import { dialectName, isOwn, signatureFormat } from './own.ts'
import { patched } from './patched.ts'
import { legalName } from './tool-names.ts'
import { mediumWords } from './write-media.ts'
import { ownResultWords } from './write-results.ts'

/** The parts of a content of our own, each as it was but for its edits. */
export function writeParts(blocks: readonly Block[], losses: Losses): readonly Json[] {
  return blocks.map((block) => writePart(block, losses)).filter((part) => part !== undefined)
}

/** @returns `undefined` when it has no place here, or nothing to say; `losses` then tells so. */
export function writePart(block: Block, losses: Losses): Json | undefined {
  return rewrite(block, dialectName, (one) => freshPart(one, losses) ?? null, patched) ?? undefined
}

function freshPart(block: Block, losses: Losses): Json | undefined {
  switch (block.kind) {
    case 'text':
      return freshText(block, losses)
    case 'refusal':
      losses.account(block, ['kind', 'text'])
      losses.approximated(block, 'text', 'a refusal is told as text')
      return block.text === '' ? undefined : { text: block.text }
    case 'thought':
      return freshThought(block, losses)
    case 'image':
    case 'document':
    case 'audio':
      return freshMedium(block, losses)
    case 'tool-use':
      return callWords(block, losses)
    case 'tool-result':
      return ownResultWords(block, losses)
    case 'json':
      losses.account(block, ['kind', 'value'])
      return { text: JSON.stringify(block.value) }
    case 'opaque':
      if (isOwn(block)) return originOf(block)?.wire
      loseBlock(block, losses, `only its own dialect has a word for ${block.type}`)
      return undefined
  }
}

/** Google refuses a text that is empty. */
function freshText(block: TextBlock, losses: Losses): Json | undefined {
  const { text, signature } = block
  losses.account(block, ['kind', 'text', ...(isOwn(block) ? (['signature'] as const) : [])])
  if (text === '' && !isOwn(block)) return undefined
  return { text, ...(isOwn(block) && signature !== undefined && { thoughtSignature: signature }) }
}

/** Thoughts of another provider are nothing that the model could go on from (behaviour.md E1). */
function freshThought(block: ThoughtBlock, losses: Losses): Json | undefined {
  const { text, signature } = block
  if (!isOwn(block) && (block.signatureFormat !== signatureFormat || signature === undefined)) {
    loseBlock(block, losses, 'Google takes back only thoughts of its own models')
    return undefined
  }
  losses.account(block, ['kind', 'text', 'signature', 'signatureFormat'])
  return { text, thought: true, ...(signature !== undefined && { thoughtSignature: signature }) }
}

function freshMedium(block: MediaBlock, losses: Losses): JsonObject | undefined {
  const words = mediumWords(block, losses)
  if (typeof words !== 'string') return words
  loseBlock(block, losses, words)
  return undefined
}

/** A call of a function. Arguments that are no JSON object are wrapped, as they are for other dialects that demand one. */
export function callWords(block: ToolUseBlock, losses: Losses): JsonObject {
  const { id, argumentsText, signature } = block
  const name = legalName(block.name)
  losses.account(block, ['kind', 'id', 'name', 'argumentsText', 'signature'])
  const args = argumentsText.trim() === '' ? {} : parsed(argumentsText)
  const isExact = isJsonObject(args)
  if (!isExact) losses.approximated(block, 'argumentsText', 'no JSON object: told as the text it is')
  if (name !== block.name) losses.approximated(block, 'name', toldOtherwiseWhy)
  return {
    functionCall: { id, name, args: isExact ? args : { INVALID_JSON: argumentsText } },
    ...(signature !== undefined && { thoughtSignature: signature }),
  }
}

function parsed(text: string): Json | undefined {
  try {
    return parseUnscannedJson(text)
  } catch {
    // Not swallowed: the caller tells that it is not exact.
    return undefined
  }
}
