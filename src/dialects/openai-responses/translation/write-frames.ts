import { UntouchedFrames } from '../../shared/translation/untouched-frames.ts'
import type {
  BlockDelta,
  BlockStart,
  CloseEvent,
  HeardFrame,
  OpenEvent,
  ReplyEvent,
  UsageEvent,
} from '../../../canonical/event.ts'
import { GatewayError } from '../../../canonical/error.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { writeSse } from '../../../wire/sse-write.ts'
import type { AnswerSettings, FrameWriter } from '../../translation.ts'
import { customNames } from '../../vendors/openai/custom-tools.ts'
import { beginBlock } from './answer-block.ts'
import type { AnswerItem } from './answer-item.ts'
import { loseChoice } from '../../shared/translation/lose-event.ts'
import { accountForEvent, oneAnswer } from './answer-losses.ts'
import { AnswerOutput, type PlacedBlock } from './answer-output.ts'
import { endEvents, itemAdded, itemDone, openEvents, pieceEvents, type SaidEvent } from './item-events.ts'
import { dialectName } from './own.ts'
import { emptyResponse, endingWords } from './response-words.ts'

export function openFrames(losses: Losses, settings: AnswerSettings): FrameWriter {
  return new ResponseFrameWriter(losses, settings)
}

/**
 * What keeps a connection warm is not part of the answer. A frame of which nothing may be told yet is: the next one of our own may say
 * again what it held.
 */
function isOfAnswer({ events }: HeardFrame): boolean {
  return events.length === 0 || events.some(({ kind }) => kind !== 'ping')
}

/** What the last event of a stream tells again is kept until then. The longest answer is some 128,000 tokens. */
const mostHeldCharacters = 16 * 1024 * 1024

/**
 * Tells one response as a stream, in its whole life: created, each item from its opening to its end, and completed with all
 * of it. Frames of our own that nobody touched go out as they came; but the state is kept for them too, so that from the
 * first frame that must be written anew on, all others follow from it: the last one tells every text again.
 */
class ResponseFrameWriter implements FrameWriter {
  readonly #losses: Losses
  readonly #settings: AnswerSettings
  readonly #customTools: ReadonlySet<string>
  readonly #untouched: UntouchedFrames
  readonly #output = new AnswerOutput()
  /** In the order of their starts. */
  readonly #blocks = new Map<number, PlacedBlock>()
  #hasBegun = false
  #sequence = 0
  #heldCharacters = 0
  #open: OpenEvent | undefined
  #usage: UsageEvent | undefined
  #close: CloseEvent | undefined
  /** Our own last frame, held until the ending. */
  #ending: string | undefined

  constructor(losses: Losses, settings: AnswerSettings) {
    this.#losses = losses
    this.#settings = settings
    this.#customTools = customNames(settings.asked)
    this.#untouched = new UntouchedFrames(dialectName, losses, isOfAnswer)
  }

  write(frame: HeardFrame): string {
    const own = this.#untouched.next(frame)
    const losses = this.#untouched.lossesOf(own)
    let text = ''
    for (const event of frame.events) text += this.#tell(event, losses)
    if (own === undefined) return text
    this.#hasBegun = true
    this.#note(own.data)
    const sequence = sequenceOf(own.data)
    if (sequence !== undefined) this.#sequence = sequence + 1
    if (!isLast(own.data)) return own.text
    this.#ending = own.text
    return ''
  }

  end(): string {
    if (this.#ending !== undefined && this.#untouched.isUnbroken) return this.#ending
    this.#untouched.end()
    let text = this.#begin()
    for (const placed of this.#blocks.values()) text += this.#endBlock(placed)
    const response: JsonObject = {
      ...emptyResponse(this.#open, this.#settings),
      ...endingWords(this.#output, this.#close, this.#usage, this.#losses),
    }
    for (const item of this.#output.items) text += this.#endItem(item)
    const type = response['status'] === 'incomplete' ? 'response.incomplete' : 'response.completed'
    return text + this.#frame({ type, response })
  }

  /** What has been told word for word is not told again. */
  #note(data: Json): void {
    if (!isJsonObject(data)) return
    switch (data['type']) {
      case 'response.output_item.added': {
        const { item = null } = data
        const id = isJsonObject(item) ? item['id'] : undefined
        return this.#output.noteAdded(itemOf(data), typeof id === 'string' ? id : undefined)
      }
      case 'response.reasoning_summary_part.added':
        return this.#output.noteSummary(itemOf(data))
      case 'response.output_item.done':
        return this.#output.noteDone(itemOf(data))
      default:
      // What else is told of an item is in its block.
    }
  }

  #tell(event: ReplyEvent, losses: Losses): string {
    if (event.kind === 'ping') return ': ping\n\n'
    if (event.kind !== 'open' && event.kind !== 'usage' && event.choice !== 0) {
      loseChoice(event, losses, oneAnswer)
      return ''
    }
    accountForEvent(event, losses)
    switch (event.kind) {
      case 'open':
        this.#open ??= event
        return this.#begin()
      case 'usage':
        this.#usage = event
        return ''
      case 'close':
        this.#close ??= event
        return ''
      case 'block-start':
        return this.#begin() + this.#start(event, losses)
      case 'block-delta':
        return this.#add(event)
      case 'block-end': {
        const placed = this.#blocks.get(event.block)
        return placed ? this.#endBlock(placed) : ''
      }
    }
  }

  #start(event: BlockStart, losses: Losses): string {
    const block = beginBlock(event, `${this.#settings.requestId}_${event.block}`, losses, this.#customTools)
    if (block === undefined) return ''
    const { last } = this.#output
    const placed = this.#output.add(block)
    this.#blocks.set(event.block, placed)
    if (placed.item === last) return this.#frames(openEvents(placed))
    const ended = last?.hasEnded === true ? this.#endItem(last) : ''
    const added = placed.item.told === undefined ? [itemAdded(placed.item)] : []
    return ended + this.#frames([...added, ...openEvents(placed)])
  }

  #add(event: BlockDelta): string {
    const placed = this.#blocks.get(event.block)
    const delta = placed?.block.add(event)
    if (placed === undefined || delta === undefined) return ''
    this.#heldCharacters += delta.kind === 'text' || delta.kind === 'arguments' ? delta.text.length : 0
    if (this.#heldCharacters > mostHeldCharacters)
      throw new GatewayError('upstream_invalid', 'the answer is longer than what can be told again in its last event')
    return this.#frames(pieceEvents(placed, delta))
  }

  /** The last item goes on: another part may follow, and whether the answer was cut off in it is told by the ending only. */
  #endBlock(placed: PlacedBlock): string {
    const { block, item } = placed
    if (block.hasEnded) return ''
    const held = block.end()
    const ended = this.#frames([...(held ? pieceEvents(placed, held) : []), ...endEvents(placed)])
    return item !== this.#output.last && item.hasEnded ? ended + this.#endItem(item) : ended
  }

  /** Word for word it is told by a frame of our own. */
  #endItem(item: AnswerItem): string {
    if (item.isDone || this.#untouched.isUnbroken) return ''
    item.isDone = true
    return this.#frames([itemDone(item)])
  }

  #begin(): string {
    if (this.#hasBegun) return ''
    this.#hasBegun = true
    if (this.#untouched.isUnbroken) return ''
    const response = emptyResponse(this.#open, this.#settings)
    return this.#frames([
      { type: 'response.created', response },
      { type: 'response.in_progress', response },
    ])
  }

  #frames(events: readonly SaidEvent[]): string {
    return this.#untouched.isUnbroken ? '' : events.map((event) => this.#frame(event)).join('')
  }

  #frame({ type, ...members }: SaidEvent): string {
    return writeSse(type, JSON.stringify({ type, ...members, sequence_number: this.#sequence++ }))
  }
}

function sequenceOf(data: Json): number | undefined {
  const sequence = isJsonObject(data) ? data['sequence_number'] : undefined
  return typeof sequence === 'number' && Number.isSafeInteger(sequence) ? sequence : undefined
}

/** `output[2]` */
function itemOf(data: JsonObject): string {
  return `output[${String(data['output_index'] ?? 0)}]`
}

function isLast(data: Json): boolean {
  const type = isJsonObject(data) ? data['type'] : undefined
  return type === 'response.completed' || type === 'response.incomplete'
}
