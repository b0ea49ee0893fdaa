import type { BlockDelta, BlockStart, ReplyEvent } from '../../../canonical/event.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf } from '../../../canonical/origin.ts'

/** An event of an answer that has no word in a dialect. */
export function loseEvent(event: BlockStart | BlockDelta, losses: Losses, why: string): void {
  losses.note(placeOf(event), 'lost', why)
}

export function approximateEvent(event: BlockStart | BlockDelta, losses: Losses, why: string): void {
  losses.note(placeOf(event), 'approximated', why)
}

/** An event of another answer than the first, for a dialect that has room for one. */
export function loseChoice(event: ReplyEvent & { readonly choice: number }, losses: Losses, why: string): void {
  const path = originOf(event)?.path ?? ''
  losses.note(path === '' ? `choices[${event.choice}]` : path, 'lost', why)
}

/** An event that does not remember its place is named by its block. */
function placeOf(event: BlockStart | BlockDelta): string {
  return originOf(event)?.path ?? `choices[${event.choice}].blocks[${event.block}]`
}
