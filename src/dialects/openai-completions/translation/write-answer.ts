import type { HeardFrame, OpenEvent, ReplyEvent, UsageEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { rewrite } from '../../../canonical/origin.ts'
import { joined } from '../../shared/translation/joined.ts'
import { tellUntoldCounts, usageWordsOf } from '../../vendors/openai/usage-words.ts'
import type { AnswerSettings } from '../../translation.ts'
import { dialectName, isOwn } from './own.ts'
import { TextWriter } from './text-writer.ts'

/** A `text_completion`, with every member that the published description demands (2.3.0). */
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
  const texts = new TextWriter(losses)
  let head = headFrom(settings)
  let usage: UsageEvent | undefined
  for (const event of events)
    switch (event.kind) {
      case 'open':
        head = headWith(head, event, losses)
        break
      case 'usage':
        accountForUsage(event, losses)
        usage = event
        break
      case 'ping':
        break
      default:
        texts.take(event)
    }
  const { id, created, model } = head
  const choices = texts.told().map((choice) => ({ ...choice, finish_reason: choice['finish_reason'] ?? 'stop' }))
  const told = { id, object: 'text_completion', created, model, choices }
  return usage ? { ...told, usage: usageWordsOf(usage.usage) } : told
}

/** What the body or the chunks of an answer begin with. */
export interface Head {
  readonly id: string
  readonly created: number
  readonly model: string
}

export function headFrom({ requestId, nowSeconds, modelName }: AnswerSettings): Head {
  return { id: requestId, created: nowSeconds, model: modelName }
}

export function headWith(head: Head, event: OpenEvent, losses: Losses): Head {
  if (!isOwn(event)) losses.account(event, ['kind', 'id', 'responseModel', 'createdAtSeconds'])
  const { id, responseModel, createdAtSeconds } = event
  return { id: id ?? head.id, created: createdAtSeconds ?? head.created, model: responseModel ?? head.model }
}

/** What was charged is told in the record, and a completion has no word for a tier. */
export function accountForUsage(event: UsageEvent, losses: Losses): void {
  if (isOwn(event)) return
  tellUntoldCounts(event, losses)
  losses.account(event, ['kind', 'usage'])
}
