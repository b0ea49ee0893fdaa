import type { Block, Message } from '../../../canonical/chat.ts'
import { GatewayError } from '../../../canonical/error.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf } from '../../../canonical/origin.ts'

/**
 * Gives account of turns of which nothing can be told: they are left out. Not so the last ones, to which the answer is wanted:
 * without them it would be an answer to another question.
 */
export class ToldTurns {
  readonly #losses: Losses
  /** The first turn since the assistant's that lost all that it said, and whether anything else has been told since. */
  #lost: Message | undefined
  #isAsked = false

  constructor(losses: Losses) {
    this.#losses = losses
  }

  /** Each turn of user, tool and assistant, in their order. */
  note(message: Message, isTold: boolean): void {
    if (message.role === 'assistant') {
      this.#lost = undefined
      this.#isAsked = false
    } else if (isTold) this.#isAsked = true
    else if (message.blocks.some(saysSomething)) this.#lost ??= message
    if (!isTold) leaveOut(message, this.#losses)
  }

  /** @throws GatewayError `unsupported`, naming the turn, where nothing is told of what is to be answered. */
  check(): void {
    if (this.#isAsked || this.#lost === undefined) return
    const path = originOf(this.#lost)?.path ?? ''
    const loss = this.#losses.list().find((one) => one.kind === 'lost' && one.path.startsWith(path))
    const why = loss === undefined ? '' : ` (${loss.path}: ${loss.why})`
    throw new GatewayError(
      'unsupported',
      `nothing of ${path}, which is to be answered, can be told to this target${why}`,
      {
        param: path,
      },
    )
  }
}

/** A turn that says nothing there is left out. */
export function leaveOut(message: Message, losses: Losses): void {
  losses.approximated(message, 'blocks', leftOutWhy)
  // The items of a turn of Responses have no place in common, and no role either.
  if (originOf(message)?.path !== '') losses.approximated(message, 'role', leftOutWhy)
}

const leftOutWhy = 'a turn that says nothing is left out'

function saysSomething(block: Block): boolean {
  return block.kind !== 'text' || block.text !== ''
}
