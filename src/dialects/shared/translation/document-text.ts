import type { Block, MediaBlock } from '../../../canonical/chat.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { loseBlock } from './lose-block.ts'

/**
 * What a document says, where it is text, whatever its source is.
 * @param why of what in it is no text: `losses` then tells so.
 * @returns `undefined` where it is no text, or lies somewhere else.
 */
export function documentText({ source }: MediaBlock, losses: Losses, why: string): string | undefined {
  switch (source.kind) {
    case 'text':
      return source.text
    case 'base64':
      return isTextType(source.mediaType) ? Buffer.from(source.base64, 'base64').toString('utf8') : undefined
    case 'blocks':
      return source.blocks.flatMap((block) => textOfBlock(block, losses, why)).join('\n')
    case 'url':
    case 'file':
      return undefined
  }
}

function textOfBlock(block: Block, losses: Losses, why: string): readonly string[] {
  if (block.kind !== 'text') {
    loseBlock(block, losses, why)
    return []
  }
  losses.account(block, ['kind', 'text'])
  return [block.text]
}

function isTextType(mediaType: string): boolean {
  return /^(?:text\/|application\/(?:json|xml|yaml)\b)/.test(mediaType.toLowerCase())
}
