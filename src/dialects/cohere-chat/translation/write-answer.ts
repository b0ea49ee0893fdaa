import type {
  BlockDelta,
  BlockStart,
  CloseEvent,
  HeardFrame,
  OpenEvent,
  ReplyEvent,
  UsageEvent,
} from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { rewrite } from '../../../canonical/origin.ts'
import { joined } from '../../joined.ts'
import { approximateEvent, loseEvent } from '../../lose-event.ts'
import type { AnswerSettings } from '../../translation.ts'
import { accountForEvent, loseChoice } from './answer-losses.ts'
import { approximationOf, obstacleTo, openingWords, type Kept } from './answer-words.ts'
import { writeReason } from './finish-reasons.ts'
import { dialectName, isOwn } from './own.ts'
import { usageWords } from './usage-words.ts'

/** An answer as a body. */
export function writeAnswer(answer: HeardFrame, losses: Losses, settings: AnswerSettings): JsonObject {
  const collected = isOwn(answer) ? () => new Losses() : () => losses
  const written = rewrite(answer, dialectName, ({ events }) => freshAnswer(events, collected(), settings), joined)
  return isJsonObject(written) ? written : {}
}

function freshAnswer(events: readonly ReplyEvent[], losses: Losses, settings: AnswerSettings): JsonObject {
  const folding = new Folding(losses, settings)
  for (const event of events) folding.take(event)
  return folding.answer()
}

interface Block {
  readonly start: BlockStart
  readonly kept: Kept
  text: string
}

class Folding {
  readonly #losses: Losses
  readonly #settings: AnswerSettings
  readonly #blocks = new Map<number, Block>()
  readonly #citations: Json[] = []
  readonly #odds: Json[] = []
  #lastRank = 0
  #endsInCall = false
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
        return this.#start(event)
      case 'block-delta':
        return this.#add(event)
      case 'usage':
        this.#usage = event
        return
      case 'close':
        this.#close ??= event
        return
      default:
    }
  }

  answer(): JsonObject {
    const content = this.#of('content').flatMap(({ start, kept, text }) => partOf(start, kept, text) ?? [])
    const calls = this.#of('calls').map(({ start, kept, text }) => callOf(start, kept, text))
    const plan = this.#of('plan')
      .map(({ text }) => text)
      .join('')
    return {
      id: this.#open?.id ?? this.#settings.requestId,
      message: {
        role: 'assistant',
        ...((content.length > 0 || (calls.length === 0 && plan === '')) && { content }),
        ...(plan !== '' && { tool_plan: plan }),
        ...(calls.length > 0 && { tool_calls: calls }),
        ...(this.#citations.length > 0 && { citations: this.#citations }),
      },
      finish_reason: writeReason(this.#close, this.#endsInCall, this.#losses),
      ...(this.#usage && { usage: usageWords(this.#usage.usage) }),
      ...(this.#odds.length > 0 && { logprobs: this.#odds }),
    }
  }

  #start(event: BlockStart): void {
    this.#endsInCall = event.content.kind === 'tool-use'
    const kept = openingWords(event, this.#settings.requestId)
    if (typeof kept === 'string') return loseEvent(event, this.#losses, kept)
    // A body has one place each for parts, plan and calls: what came after one of a later kind is told before it.
    const rank = ranks.indexOf(kept.in)
    const why = rank < this.#lastRank ? 'told before the calls, which came first' : approximationOf(event.content)
    this.#lastRank = Math.max(this.#lastRank, rank)
    if (why !== undefined) approximateEvent(event, this.#losses, why)
    this.#blocks.set(event.block, { start: event, kept, text: '' })
  }

  #add(event: BlockDelta): void {
    const block = this.#blocks.get(event.block)
    if (block === undefined) return
    const { delta } = event
    const obstacle = obstacleTo(delta, isOwn(event))
    if (obstacle !== undefined) return loseEvent(event, this.#losses, obstacle)
    if (delta.kind === 'text' || delta.kind === 'arguments') block.text += delta.text
    if (delta.kind === 'citation') this.#citations.push(delta.citation)
    if (delta.kind === 'logprobs') this.#odds.push(delta.logprobs)
  }

  #of(place: Kept['in']): readonly Block[] {
    return [...this.#blocks.values()].filter(({ kept }) => kept.in === place)
  }
}

const ranks: readonly Kept['in'][] = ['content', 'plan', 'calls']

/** @returns `undefined` for a part that says nothing. */
function partOf({ content }: BlockStart, kept: Kept, text: string): JsonObject | undefined {
  const words = kept.in === 'plan' ? {} : kept.words
  if (content.kind === 'opaque') return words
  if (text === '') return undefined
  return content.kind === 'thought' ? { ...words, thinking: text } : { ...words, text }
}

function callOf({ content }: BlockStart, kept: Kept, text: string): JsonObject {
  const words = kept.in === 'plan' ? {} : kept.words
  if (content.kind !== 'tool-use') return words
  return { ...words, function: { name: content.name, arguments: text === '' ? '{}' : text } }
}
