import type { BlockDelta, BlockStart, HeardFrame, ReplyEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { rewrite } from '../../../canonical/origin.ts'
import { joined } from '../../shared/translation/joined.ts'
import { approximateEvent, loseEvent } from '../../shared/translation/lose-event.ts'
import type { AnswerSettings } from '../../translation.ts'
import { foldAnswer } from '../../shared/translation/fold-answer.ts'
import { accountForEvent, oneAnswer } from './answer-losses.ts'
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
  const places = new Places(losses, settings)
  const begin = (event: BlockStart) => places.begin(event)
  const { open, blocks, usage, close } = foldAnswer(events, losses, { account: accountForEvent, oneAnswer, begin })
  const within = (place: Kept['in']) => blocks.filter(({ kept }) => kept.in === place)
  const content = within('content').flatMap(({ start, kept, text }) => partOf(start, kept, text) ?? [])
  const calls = within('calls').map(({ start, kept, text }) => callOf(start, kept, text))
  const plan = within('plan')
    .map(({ text }) => text)
    .join('')
  return {
    id: open?.id ?? settings.requestId,
    message: {
      role: 'assistant',
      ...((content.length > 0 || (calls.length === 0 && plan === '')) && { content }),
      ...(plan !== '' && { tool_plan: plan }),
      ...(calls.length > 0 && { tool_calls: calls }),
      ...(places.citations.length > 0 && { citations: places.citations }),
    },
    finish_reason: writeReason(close, places.endsInCall, losses),
    ...(usage && { usage: usageWords(usage.usage) }),
    ...(places.odds.length > 0 && { logprobs: places.odds }),
  }
}

interface Block {
  readonly start: BlockStart
  readonly kept: Kept
  text: string
  add(event: BlockDelta): void
}

/** Where in a body each block stands. It has one place each for parts, plan and calls: what came after one of a later kind is told before it. */
class Places {
  readonly citations: Json[] = []
  readonly odds: Json[] = []
  /** Whether the last thing that was said is a call of a tool. */
  endsInCall = false
  readonly #losses: Losses
  readonly #settings: AnswerSettings
  #lastRank = 0

  constructor(losses: Losses, settings: AnswerSettings) {
    this.#losses = losses
    this.#settings = settings
  }

  /** @returns `undefined` where the block has no place; that is named. */
  begin(event: BlockStart): Block | undefined {
    this.endsInCall = event.content.kind === 'tool-use'
    const kept = openingWords(event, this.#settings.requestId)
    if (typeof kept === 'string') {
      loseEvent(event, this.#losses, kept)
      return undefined
    }
    const rank = ranks.indexOf(kept.in)
    const why = rank < this.#lastRank ? 'told before the calls, which came first' : approximationOf(event.content)
    this.#lastRank = Math.max(this.#lastRank, rank)
    if (why !== undefined) approximateEvent(event, this.#losses, why)
    const block: Block = { start: event, kept, text: '', add: (delta) => this.#add(block, delta) }
    return block
  }

  #add(block: Block, event: BlockDelta): void {
    const { delta } = event
    const obstacle = obstacleTo(delta, isOwn(event))
    if (obstacle !== undefined) return loseEvent(event, this.#losses, obstacle)
    if (delta.kind === 'text' || delta.kind === 'arguments') block.text += delta.text
    if (delta.kind === 'citation') this.citations.push(delta.citation)
    if (delta.kind === 'logprobs') this.odds.push(delta.logprobs)
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
