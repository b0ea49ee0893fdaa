import type { HeardFrame, ReplyEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { rewrite } from '../../../canonical/origin.ts'
import type { AnswerSettings } from '../../translation.ts'
import { AnswerBlock } from './answer-block.ts'
import { foldAnswer } from '../../shared/translation/fold-answer.ts'
import { accountForEvent, oneAnswer } from './answer-losses.ts'
import { emptyMessage } from './answer-words.ts'
import { joined } from '../../shared/translation/joined.ts'
import { dialectName, isOwn } from './own.ts'
import { writeReason } from './stop-reasons.ts'

/** A message as a body. */
export function writeAnswer(answer: HeardFrame, losses: Losses, settings: AnswerSettings): JsonObject {
  const collected = isOwn(answer) ? () => new Losses() : () => losses
  const written = rewrite(answer, dialectName, ({ events }) => freshMessage(events, collected(), settings), joined)
  return isJsonObject(written) ? written : {}
}

function freshMessage(events: readonly ReplyEvent[], losses: Losses, settings: AnswerSettings): JsonObject {
  const { open, blocks, usage, close } = foldAnswer(events, losses, {
    account: accountForEvent,
    oneAnswer,
    begin: (event) => new AnswerBlock(event, losses, settings.requestId),
  })
  const content = blocks.map((block) => block.whole()).filter((block) => block !== undefined)
  const hasToolUse = content.some(({ type }) => type === 'tool_use')
  return {
    ...emptyMessage(open, settings, usage?.usage, usage?.serviceTier),
    content,
    stop_reason: writeReason(close, hasToolUse, losses),
    stop_sequence: close?.stopSequence ?? null,
  }
}
