import type { CloseEvent, HeardFrame, ReplyEvent, UsageEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { rewrite } from '../../../canonical/origin.ts'
import { joined } from '../../joined.ts'
import type { AnswerSettings } from '../../translation.ts'
import { AnswerBlock } from './answer-block.ts'
import { accountForEvent, loseChoice } from './answer-losses.ts'
import { dialectName, isOwn } from './own.ts'
import { writeReason } from './stop-reasons.ts'
import { tierWords, unmeasured, usageWords } from './usage-words.ts'

/** An answer as a body. */
export function writeAnswer(answer: HeardFrame, losses: Losses, settings: AnswerSettings): JsonObject {
  const collected = isOwn(answer) ? () => new Losses() : () => losses
  const written = rewrite(answer, dialectName, ({ events }) => freshAnswer(events, collected(), settings), joined)
  return isJsonObject(written) ? written : {}
}

function freshAnswer(events: readonly ReplyEvent[], losses: Losses, settings: AnswerSettings): JsonObject {
  const folding = new Folding(losses, settings.requestId)
  for (const event of events) folding.take(event)
  return folding.answer()
}

class Folding {
  readonly #losses: Losses
  readonly #requestId: string
  readonly #blocks = new Map<number, AnswerBlock>()
  #usage: UsageEvent | undefined
  #close: CloseEvent | undefined

  constructor(losses: Losses, requestId: string) {
    this.#losses = losses
    this.#requestId = requestId
  }

  take(event: ReplyEvent): void {
    if (event.kind !== 'ping' && event.kind !== 'open' && event.kind !== 'usage' && event.choice !== 0)
      return loseChoice(event, this.#losses)
    accountForEvent(event, this.#losses)
    switch (event.kind) {
      case 'block-start':
        this.#blocks.set(event.block, new AnswerBlock(event, this.#losses, this.#requestId))
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

  /** With every member that the SDK's type demands (`ConverseResponse`). */
  answer(): JsonObject {
    const content = [...this.#blocks.values()].map((block) => block.whole()).filter((block) => block !== undefined)
    const hasToolUse = content.some((block) => 'toolUse' in block)
    return {
      output: { message: { role: 'assistant', content } },
      stopReason: writeReason(this.#close, hasToolUse, this.#losses),
      usage: usageWords(this.#usage?.usage),
      metrics: unmeasured,
      ...tierWords(this.#usage),
    }
  }
}
