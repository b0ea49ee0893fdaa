import type { HeardFrame, OpenEvent, ReplyEvent, UsageEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { rewrite } from '../../../canonical/origin.ts'
import type { AnswerSettings } from '../../translation.ts'
import { approximateEvent } from '../../shared/translation/lose-event.ts'
import { customNames } from '../../vendors/openai/custom-tools.ts'
import { accountForEvent } from './answer-losses.ts'
import { BodyOrder, movedWhy } from '../../shared/translation/body-order.ts'
import { ChoiceWriter } from './choice-writer.ts'
import { joinAnswer } from './join-answer.ts'
import { dialectName, isOwn } from './own.ts'
import { tierWord, usageWords } from './write-usage.ts'

/** A `chat.completion`, with every member that the published description demands (2.3.0). */
export function writeAnswer(answer: HeardFrame, losses: Losses, settings: AnswerSettings): JsonObject {
  const written = rewrite<HeardFrame>(
    answer,
    dialectName,
    ({ events }) => freshAnswer(events, isOwn(answer) ? new Losses() : losses, settings),
    (was, before, after) => joinAnswer(was, before, after, 'message'),
  )
  return isJsonObject(written) ? written : {}
}

function freshAnswer(events: readonly ReplyEvent[], losses: Losses, settings: AnswerSettings): JsonObject {
  const choices = new Map<number, { readonly writer: ChoiceWriter; readonly order: BodyOrder }>()
  const customTools = customNames(settings.asked, 'custom')
  let open: OpenEvent | undefined
  let usage: UsageEvent | undefined
  for (const event of events)
    switch (event.kind) {
      case 'open':
        accountForEvent(event, losses)
        open ??= event
        break
      case 'usage':
        accountForEvent(event, losses)
        usage = event
        break
      case 'ping':
        break
      default: {
        const choice = choices.get(event.choice) ?? {
          writer: new ChoiceWriter(losses, customTools),
          order: new BodyOrder(),
        }
        choices.set(event.choice, choice)
        choice.writer.take(event)
        if (event.kind === 'block-start' && choice.order.isMoved(event.content.kind))
          approximateEvent(event, losses, movedWhy)
      }
    }
  const inOrder = [...choices].toSorted(([one], [other]) => one - other)
  const tier = usage && tierWord(usage, losses)
  return {
    id: open?.id ?? settings.requestId,
    object: 'chat.completion',
    created: open?.createdAtSeconds ?? settings.nowSeconds,
    model: open?.responseModel ?? settings.modelName,
    choices: inOrder.map(([index, { writer }]) => wholeChoice(index, writer)),
    ...(usage && { usage: usageWords(usage) }),
    ...(tier !== undefined && { service_tier: tier }),
  }
}

function wholeChoice(index: number, choice: ChoiceWriter): JsonObject {
  const { piece, logprobs, closing } = choice.told()
  return { index, message: wholeMessage(piece), logprobs: logprobs ?? null, ...(closing ?? { finish_reason: 'stop' }) }
}

function wholeMessage(piece: JsonObject): JsonObject {
  const { content = null, refusal = null, tool_calls: calls, reasoning_details: details, audio, ...rest } = piece
  return {
    role: 'assistant',
    content,
    refusal,
    ...rest,
    ...(isWorthTelling(details) && { reasoning_details: details }),
    ...(Array.isArray(calls) && { tool_calls: calls.map(withoutIndex) }),
    ...(isJsonObject(audio) && { audio: { id: '', expires_at: 0, data: '', transcript: '', ...audio } }),
  }
}

/** A single thought without a signature is all told by its text. */
function isWorthTelling(details: Json | undefined): details is readonly Json[] {
  if (!Array.isArray(details)) return false
  return details.length > 1 || details.some((entry) => isJsonObject(entry) && ('signature' in entry || 'data' in entry))
}

/** Only pieces of a stream have an index to be put together by. */
function withoutIndex(call: Json): Json {
  if (!isJsonObject(call)) return call
  const { index: _, ...rest } = call
  return rest
}
