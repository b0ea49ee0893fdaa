import type { Block } from '../../../canonical/chat.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf } from '../../../canonical/origin.ts'

/**
 * A block that has no place here. Some dialects hold parts of a turn as fields of the message itself (thoughts, refusals):
 * there the fields are named, not the whole turn.
 */
export function loseBlock(block: Block, losses: Losses, why: string): void {
  const origin = originOf(block)
  const fields = Object.entries(origin?.heard ?? {}).filter(([field]) => field !== 'kind')
  const isWithinTurn = /^messages\[\d+\]$/.test(origin?.path ?? '') && fields.length > 0
  if (isWithinTurn) losses.account(block, ['kind'], why)
  else losses.whole(block, why)
}
