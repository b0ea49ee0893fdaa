import type { CloseEvent, HeardFrame, OpenEvent, ReplyEvent, UsageEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { rewrite } from '../../../canonical/origin.ts'
import { BodyOrder, movedWhy } from '../../shared/translation/body-order.ts'
import { joined } from '../../shared/translation/joined.ts'
import { approximateEvent } from '../../shared/translation/lose-event.ts'
import type { AnswerSettings } from '../../translation.ts'
import { accountForOpen, headWords, oneAnswer, usageWords } from './answer-head.ts'
import { loseChoice } from '../../shared/translation/lose-event.ts'
import { doneReason } from './done-reasons.ts'
import { emptyPiece, messageWords, MessageWriter } from './message-writer.ts'
import { isOwn, dialectName } from './own.ts'

/** An answer as a body: a single line that is done. */
export function writeAnswer(answer: HeardFrame, losses: Losses, settings: AnswerSettings): JsonObject {
  const written = rewrite<HeardFrame>(
    answer,
    dialectName,
    ({ events }) => freshAnswer(events, isOwn(answer) ? new Losses() : losses, settings),
    joined,
  )
  return isJsonObject(written) ? written : {}
}

function freshAnswer(events: readonly ReplyEvent[], losses: Losses, settings: AnswerSettings): JsonObject {
  const message = new MessageWriter(losses)
  const order = new BodyOrder()
  let open: OpenEvent | undefined
  let close: CloseEvent | undefined
  let usage: UsageEvent | undefined
  for (const event of events)
    switch (event.kind) {
      case 'open':
        accountForOpen(event, losses)
        open ??= event
        break
      case 'usage':
        usage = event
        break
      case 'ping':
        break
      default:
        if (event.choice !== 0) loseChoice(event, losses, oneAnswer)
        else if (event.kind === 'close') close ??= event
        else message.take(event)
        if (event.kind === 'block-start' && event.choice === 0 && order.isMoved(event.content.kind))
          approximateEvent(event, losses, movedWhy)
    }
  const piece = message.told() ?? emptyPiece()
  return {
    ...headWords(open, settings),
    message: messageWords(piece),
    ...(piece.logprobs.length > 0 && { logprobs: piece.logprobs }),
    done: true,
    done_reason: close ? doneReason(close, message.hasCalled, losses) : 'stop',
    ...(usage && usageWords(usage, losses)),
  }
}
