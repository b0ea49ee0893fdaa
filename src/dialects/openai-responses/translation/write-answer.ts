import type { HeardFrame, ReplyEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { joined } from '../../joined.ts'
import type { AnswerSettings } from '../../translation.ts'
import { AnswerItem } from './answer-item.ts'
import { foldAnswer } from '../../fold-answer.ts'
import { accountForEvent, oneAnswer } from './answer-losses.ts'
import { dialectName, isOwn } from './own.ts'
import { emptyResponse, endingWords } from './response-words.ts'

/** A response as a body. */
export function writeAnswer(answer: HeardFrame, losses: Losses, settings: AnswerSettings): JsonObject {
  const collected = isOwn(answer) ? () => new Losses() : () => losses
  const written = rewrite(answer, dialectName, ({ events }) => freshResponse(events, collected(), settings), joined)
  return isJsonObject(written) ? written : {}
}

function freshResponse(events: readonly ReplyEvent[], losses: Losses, settings: AnswerSettings): JsonObject {
  const { open, blocks, usage, close } = foldAnswer(events, losses, {
    account: accountForEvent,
    oneAnswer,
    begin: (event) => new AnswerItem(event, `${settings.requestId}_${event.block}`, losses),
  })
  const said = blocks.filter(({ isSayable }) => isSayable)
  const hasCalls = said.some(({ start }) => start.content.kind === 'tool-use')
  return {
    ...emptyResponse(open, settings),
    output: outputOf(said),
    ...endingWords(close, usage, hasCalls, losses),
  }
}

/** The parts of an own message are blocks each, and become one message again. */
function outputOf(items: readonly AnswerItem[]): readonly Json[] {
  const output: { readonly place: string; readonly item: JsonObject }[] = []
  for (const one of items) {
    const place = isOwn(one.start) ? placeOf(one) : ''
    const last = output.at(-1)
    const whole = isPartOfMessage(one) ? { ...messageOf(one), content: [partOf(one)] } : one.whole()
    if (last && place !== '' && last.place === place)
      output[output.length - 1] = { place, item: withParts(last.item, whole) }
    else output.push({ place, item: whole })
  }
  return output.map(({ item }) => item)
}

function withParts(message: JsonObject, more: JsonObject): JsonObject {
  const [one, other] = [message['content'], more['content']]
  return { ...message, content: [...(Array.isArray(one) ? one : []), ...(Array.isArray(other) ? other : [])] }
}

/** An opaque part lies within a message; an opaque item does not. */
function isPartOfMessage({ start }: AnswerItem): boolean {
  return start.content.kind === 'opaque' && /\.content\[\d+\]$/.test(originOf(start)?.path ?? '')
}

function messageOf({ id }: AnswerItem): JsonObject {
  return { id, type: 'message', status: 'completed', role: 'assistant' }
}

function partOf({ start }: AnswerItem): Json {
  return start.content.kind === 'opaque' ? start.content.wire : null
}

function placeOf({ start }: AnswerItem): string {
  return /^output\[\d+\]/.exec(originOf(start)?.path ?? '')?.[0] ?? ''
}
