import type { Block, MediaBlock, ToolResultBlock } from '../../../canonical/chat.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { edit } from '../../../canonical/origin.ts'

/**
 * The result of a tool with what a search gave as the texts that it is, for dialects that have no other word for it: a result
 * that says nothing would look like a search that found nothing.
 */
export function withFoundTexts(result: ToolResultBlock, losses: Losses): ToolResultBlock {
  if (!result.blocks.some(isFound)) return result
  return edit(result, { blocks: result.blocks.flatMap((block) => (isFound(block) ? textsOf(block, losses) : [block])) })
}

function isFound(block: Block): block is MediaBlock {
  return block.kind === 'document' && block.foundAt !== undefined
}

function textsOf(block: MediaBlock, losses: Losses): readonly Block[] {
  const { source, wantsCitations } = block
  if (source.kind !== 'blocks') return [block]
  // That nothing is to be cited is what happens anyway.
  losses.account(block, ['kind', 'source', ...(wantsCitations === false ? (['wantsCitations'] as const) : [])])
  losses.approximated(block, 'source', 'what a search gave is told as text')
  return source.blocks
}
