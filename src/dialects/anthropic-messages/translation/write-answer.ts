import type { CloseEvent, HeardFrame, OpenEvent, ReplyEvent, UsageEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { rewrite } from '../../../canonical/origin.ts'
import type { AnswerSettings } from '../../translation.ts'
import { AnswerBlock } from './answer-block.ts'
import { accountForEvent, loseChoice } from './answer-losses.ts'
import { emptyMessage } from './answer-words.ts'
import { joined } from '../../joined.ts'
import { dialectName, isOwn } from './own.ts'
import { writeReason } from './stop-reasons.ts'

/** A message as a body. */
export function writeAnswer(answer: HeardFrame, losses: Losses, settings: AnswerSettings): JsonObject {
  const collected = isOwn(answer) ? () => new Losses() : () => losses
  const written = rewrite(answer, dialectName, ({ events }) => freshMessage(events, collected(), settings), joined)
  return isJsonObject(written) ? written : {}
}

function freshMessage(events: readonly ReplyEvent[], losses: Losses, settings: AnswerSettings): JsonObject {
  const folding = new Folding(losses, settings)
  for (const event of events) folding.take(event)
  return folding.message()
}

class Folding {
  readonly #losses: Losses
  readonly #settings: AnswerSettings
  readonly #blocks = new Map<number, AnswerBlock>()
  #open: OpenEvent | undefined
  #usage: UsageEvent | undefined
  #close: CloseEvent | undefined

  constructor(losses: Losses, settings: AnswerSettings) {
    this.#losses = losses
    this.#settings = settings
  }

  take(event: ReplyEvent): void {
    if (event.kind !== 'ping' && event.kind !== 'open' && event.kind !== 'usage' && event.choice !== 0)
      return loseChoice(event, this.#losses)
    accountForEvent(event, this.#losses)
    switch (event.kind) {
      case 'open':
        this.#open ??= event
        return
      case 'block-start':
        this.#blocks.set(event.block, new AnswerBlock(event, this.#losses, this.#settings.requestId))
        return
      case 'block-delta':
        this.#blocks.get(event.block)?.add(event)
        return
      case 'usage':
        this.#usage = event
        return
      case 'close':
        this.#close ??= event
        return
      default:
    }
  }

  message(): JsonObject {
    const content = [...this.#blocks.values()].map((block) => block.whole()).filter((block) => block !== undefined)
    const hasToolUse = content.some(({ type }) => type === 'tool_use')
    return {
      ...emptyMessage(this.#open, this.#settings, this.#usage?.usage, this.#usage?.serviceTier),
      content,
      stop_reason: writeReason(this.#close, hasToolUse, this.#losses),
      stop_sequence: this.#close?.stopSequence ?? null,
    }
  }
}
