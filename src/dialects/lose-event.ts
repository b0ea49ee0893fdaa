import type { BlockDelta, BlockStart } from '../canonical/event.ts'
import type { Losses } from '../canonical/loss.ts'
import { originOf } from '../canonical/origin.ts'

/** An event of an answer that has no word in a dialect. */
export function loseEvent(event: BlockStart | BlockDelta, losses: Losses, why: string): void {
  losses.note(placeOf(event), 'lost', why)
}

export function approximateEvent(event: BlockStart | BlockDelta, losses: Losses, why: string): void {
  losses.note(placeOf(event), 'approximated', why)
}

/** An event that does not remember its place is named by its block. */
function placeOf(event: BlockStart | BlockDelta): string {
  return originOf(event)?.path ?? `choices[${event.choice}].blocks[${event.block}]`
}
