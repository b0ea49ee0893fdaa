import type { BlockOpening } from '../../canonical/event.ts'
import type { TextPlace } from '../../canonical/guardrail.ts'

/** Where the text of a block stands; all else is the answer. */
export const placeOfBlock: Readonly<Partial<Record<BlockOpening['kind'], TextPlace>>> = {
  thought: 'reasoning',
  refusal: 'refusal',
  'tool-use': 'tool-arguments',
}

/**
 * The name of the text that the pieces of a block belong to: all of one kind in a choice are one, in whichever blocks they come, since a
 * client may put them together. The arguments of each call are one. It begins with the number of the choice.
 */
export function channelOf(choice: number, block: number, kind: BlockOpening['kind']): string {
  return kind === 'tool-use' ? `${choice}/${block}` : `${choice} ${kind}`
}
