import type { HeardFrame, ReplyEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { rewrite } from '../../../canonical/origin.ts'
import { joined } from '../../shared/translation/joined.ts'
import type { AnswerSettings } from '../../translation.ts'
import { AnswerBlock } from './answer-block.ts'
import { foldAnswer } from '../../shared/translation/fold-answer.ts'
import { accountForEvent, oneAnswer } from './answer-losses.ts'
import { dialectName, isOwn } from './own.ts'
import { writeReason } from './stop-reasons.ts'
import { tierWords, unmeasured, usageWords } from './usage-words.ts'

/** An answer as a body. */
export function writeAnswer(answer: HeardFrame, losses: Losses, settings: AnswerSettings): JsonObject {
  const collected = isOwn(answer) ? () => new Losses() : () => losses
  const written = rewrite(answer, dialectName, ({ events }) => freshAnswer(events, collected(), settings), joined)
  return isJsonObject(written) ? written : {}
}

/** With every member that the SDK's type demands (`ConverseResponse`). */
function freshAnswer(events: readonly ReplyEvent[], losses: Losses, settings: AnswerSettings): JsonObject {
  const { blocks, usage, close } = foldAnswer(events, losses, {
    account: accountForEvent,
    oneAnswer,
    begin: (event) => new AnswerBlock(event, losses, settings.requestId),
  })
  const content = blocks.map((block) => block.whole()).filter((block) => block !== undefined)
  const hasToolUse = content.some((block) => 'toolUse' in block)
  return {
    output: { message: { role: 'assistant', content } },
    stopReason: writeReason(close, hasToolUse, losses),
    usage: usageWords(usage?.usage),
    metrics: unmeasured,
    ...tierWords(usage),
  }
}
