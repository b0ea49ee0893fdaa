import type { CloseEvent, HeardFrame, OpenEvent, ReplyEvent, UsageEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { rewrite } from '../../../canonical/origin.ts'
import type { AnswerSettings } from '../../translation.ts'
import { accountForEvent } from './answer-losses.ts'
import { AnswerParts } from './answer-parts.ts'
import { writeReason } from './finish-reasons.ts'
import { joinedParts } from './joined-parts.ts'
import { dialectName, isOwn } from './own.ts'
import { usageWords } from './usage-words.ts'

/** An answer as a body. */
export function writeAnswer(answer: HeardFrame, losses: Losses, settings: AnswerSettings): JsonObject {
  const collected = isOwn(answer) ? () => new Losses() : () => losses
  const written = rewrite(answer, dialectName, ({ events }) => freshAnswer(events, collected(), settings))
  return isJsonObject(written) ? written : {}
}

function freshAnswer(events: readonly ReplyEvent[], losses: Losses, settings: AnswerSettings): JsonObject {
  const candidates = new Map<number, Candidate>()
  let open: OpenEvent | undefined
  let usage: UsageEvent | undefined
  for (const event of events) {
    switch (event.kind) {
      case 'open':
        accountForEvent(event, losses)
        open ??= event
        break
      case 'usage':
        accountForEvent(event, losses)
        usage = event
        break
      case 'close':
        candidateOf(event.choice).close ??= event
        break
      case 'ping':
        break
      default: {
        const candidate = candidateOf(event.choice)
        candidate.told.push(...candidate.parts.take(event))
      }
    }
  }
  function candidateOf(choice: number): Candidate {
    const known = candidates.get(choice)
    if (known) return known
    const candidate: Candidate = { parts: new AnswerParts(losses, settings.requestId), told: [], close: undefined }
    candidates.set(choice, candidate)
    return candidate
  }
  const inOrder = [...candidates].toSorted(([left], [right]) => left - right)
  return {
    candidates: inOrder.map(([index, { parts, told, close }]) => ({
      content: { role: 'model', parts: joinedParts(told) },
      ...(close && { finishReason: writeReason(close, parts.hasCalled, losses) }),
      index,
    })),
    ...(usage && { usageMetadata: usageWords(usage.usage, usage.serviceTier) }),
    ...headWords(open, settings),
  }
}

interface Candidate {
  readonly parts: AnswerParts
  readonly told: JsonObject[]
  close: CloseEvent | undefined
}

/** What every answer and every chunk of one says of itself. */
export function headWords(open: OpenEvent | undefined, settings: AnswerSettings): Readonly<Record<string, Json>> {
  // One of our own may leave them out, as some of Google's places do.
  const isOwnHead = open !== undefined && isOwn(open)
  const { createdAtSeconds } = open ?? {}
  const modelVersion = open?.responseModel ?? (isOwnHead ? undefined : settings.modelName)
  const responseId = open?.id ?? (isOwnHead ? undefined : settings.requestId)
  return {
    ...(modelVersion !== undefined && { modelVersion }),
    ...(createdAtSeconds !== undefined && { createTime: momentOf(createdAtSeconds) }),
    ...(responseId !== undefined && { responseId }),
  }
}

/** A provider may say any number; what is no moment is left at the beginning of time. */
function momentOf(seconds: number): string {
  const moment = new Date(seconds * 1000)
  return Number.isNaN(moment.getTime()) ? new Date(0).toISOString() : moment.toISOString()
}
