import type { HeardFrame, ReplyEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { rewrite } from '../../../canonical/origin.ts'
import { customNames } from '../../vendors/openai/custom-tools.ts'
import { joined } from '../../shared/translation/joined.ts'
import type { AnswerSettings } from '../../translation.ts'
import { beginBlock } from './answer-block.ts'
import { foldAnswer } from '../../shared/translation/fold-answer.ts'
import { accountForEvent, oneAnswer } from './answer-losses.ts'
import { AnswerOutput } from './answer-output.ts'
import { dialectName, isOwn } from './own.ts'
import { emptyResponse, endingWords } from './response-words.ts'

/** A response as a body. */
export function writeAnswer(answer: HeardFrame, losses: Losses, settings: AnswerSettings): JsonObject {
  const collected = isOwn(answer) ? () => new Losses() : () => losses
  const written = rewrite(answer, dialectName, ({ events }) => freshResponse(events, collected(), settings), joined)
  return isJsonObject(written) ? written : {}
}

function freshResponse(events: readonly ReplyEvent[], losses: Losses, settings: AnswerSettings): JsonObject {
  const customTools = customNames(settings.asked)
  const { open, blocks, usage, close } = foldAnswer(events, losses, {
    account: accountForEvent,
    oneAnswer,
    begin: (event) => beginBlock(event, `${settings.requestId}_${event.block}`, losses, customTools),
  })
  const output = new AnswerOutput()
  for (const block of blocks) {
    block.end()
    output.add(block)
  }
  return {
    ...emptyResponse(open, settings),
    ...endingWords(output, close, usage, losses),
  }
}
