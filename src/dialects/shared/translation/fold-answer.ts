import type { BlockDelta, BlockStart, CloseEvent, OpenEvent, ReplyEvent, UsageEvent } from '../../../canonical/event.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { loseChoice } from './lose-event.ts'

/** An answer put together, for a dialect whose body holds one. */
export interface FoldedAnswer<Block> {
  readonly open: OpenEvent | undefined
  /** In the order in which they began. */
  readonly blocks: readonly Block[]
  readonly usage: UsageEvent | undefined
  readonly close: CloseEvent | undefined
}

export interface Folding<Block> {
  /** Names what of an event is told. */
  readonly account: (event: ReplyEvent, losses: Losses) => void
  /** Why there is no place for a second answer. */
  readonly oneAnswer: string
  /** `undefined`: the block cannot be said, which has been named. */
  readonly begin: (event: BlockStart) => Block | undefined
}

/** Puts the first answer together from its events; what is of another one is lost by name. */
export function foldAnswer<Block extends { add(event: BlockDelta): void }>(
  events: readonly ReplyEvent[],
  losses: Losses,
  { account, oneAnswer, begin }: Folding<Block>,
): FoldedAnswer<Block> {
  const blocks = new Map<number, Block>()
  let open: OpenEvent | undefined
  let usage: UsageEvent | undefined
  let close: CloseEvent | undefined
  for (const event of events) {
    if (event.kind !== 'ping' && event.kind !== 'open' && event.kind !== 'usage' && event.choice !== 0) {
      loseChoice(event, losses, oneAnswer)
      continue
    }
    account(event, losses)
    switch (event.kind) {
      case 'open':
        open ??= event
        break
      case 'block-start': {
        const block = begin(event)
        if (block !== undefined) blocks.set(event.block, block)
        break
      }
      case 'block-delta':
        blocks.get(event.block)?.add(event)
        break
      case 'usage':
        usage = event
        break
      case 'close':
        close ??= event
        break
      default:
    }
  }
  return { open, blocks: [...blocks.values()], usage, close }
}
