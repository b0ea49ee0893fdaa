import type { Block, ToolResultBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf } from '../../../canonical/origin.ts'
import type { Generation } from './generations.ts'
import { withFoundTexts } from '../../shared/translation/found-texts.ts'
import { loseBlock } from '../../shared/translation/lose-block.ts'
import { isOwn } from './own.ts'
import { mediumWords } from './write-media.ts'

export interface WrittenResult {
  readonly part: JsonObject
  /** What a result cannot hold here: parts that follow it. */
  readonly attachments: readonly JsonObject[]
}

/** The result of a tool of another dialect. @param name of the call, which a result must repeat. */
export function resultWords(
  given: ToolResultBlock,
  name: string,
  generation: Generation,
  losses: Losses,
): WrittenResult {
  const block = withFoundTexts(given, losses)
  losses.account(block, ['kind', 'toolUseId', 'blocks', 'isError'])
  const media: JsonObject[] = []
  for (const inner of block.blocks) {
    if (inner.kind === 'text' || inner.kind === 'json' || inner.kind === 'refusal') continue
    const words = isMedium(inner)
      ? mediumWords(inner, losses)
      : 'a result of a tool holds texts, images and documents only'
    if (typeof words === 'string') loseBlock(inner, losses, words)
    else media.push(words)
    const isMoved = typeof words !== 'string' && !isInResult(words, generation)
    if (isMoved && isMedium(inner)) losses.approximated(inner, 'source', 'it follows the results as the user’s')
  }
  const parts = media.filter((words) => isInResult(words, generation))
  return {
    part: {
      functionResponse: {
        id: block.toolUseId,
        name,
        response: responseOf(block, losses),
        ...(parts.length > 0 && { parts }),
      },
    },
    attachments: media.filter((words) => !parts.includes(words)),
  }
}

/** Addresses have no place in a result at all (discovery document, `FunctionResponsePart`). */
function isInResult(words: JsonObject, generation: Generation): boolean {
  return generation.takesMediaInResults && 'inlineData' in words
}

function isMedium(block: Block): block is Block & { readonly kind: 'image' | 'document' | 'audio' } {
  return block.kind === 'image' || block.kind === 'document' || block.kind === 'audio'
}

/** One of our own that was edited: what is not edited of it is kept by `rewrite`. */
export function ownResultWords(block: ToolResultBlock, losses: Losses): JsonObject {
  const wire = originOf(block)?.wire
  const said = isJsonObject(wire) ? (wire['functionResponse'] ?? wire['function_response']) : undefined
  const name = isJsonObject(said) ? (said['name'] ?? '') : ''
  return { functionResponse: { name, response: responseOf(block, losses) } }
}

/** `output` or `error`, the two words that Google reads; a value of a tool of our own stands there as it was. */
function responseOf(block: ToolResultBlock, losses: Losses): JsonObject {
  const [only, ...others] = block.blocks.filter((inner) => !isMedium(inner) && inner.kind !== 'opaque')
  const key = block.isError === true ? 'error' : 'output'
  if (only?.kind === 'json' && others.length === 0) {
    losses.account(only, ['kind', 'value'])
    const isWhole = isOwn(only) ? !/\.(?:output|error)$/.test(originOf(only)?.path ?? '') : key === 'output'
    return isWhole && isJsonObject(only.value) ? only.value : { [key]: only.value }
  }
  const texts = [only, ...others].flatMap((inner) => (inner === undefined ? [] : textOf(inner, losses)))
  if (texts.length > 1) losses.approximated(block, 'blocks', 'its texts are told as one')
  return { [key]: texts.join('\n') satisfies Json }
}

function textOf(block: Block, losses: Losses): readonly string[] {
  switch (block.kind) {
    case 'text':
      losses.account(block, ['kind', 'text'])
      return [block.text]
    case 'refusal':
      losses.account(block, ['kind', 'text'])
      losses.approximated(block, 'text', 'a refusal is told as text')
      return [block.text]
    case 'json':
      losses.account(block, ['kind', 'value'])
      return [JSON.stringify(block.value)]
    default:
      return []
  }
}
