import type { BlockDelta, BlockEnd, BlockStart } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { approximateEvent, loseEvent } from '../../shared/translation/lose-event.ts'
import { inputOf } from '../../shared/translation/tool-input.ts'
import { isOwn } from './own.ts'

/**
 * The events of an answer on their way to messages, of a body as of a stream: thoughts and text as they come, a call whole when it
 * has ended.
 */
export class MessageWriter {
  readonly #losses: Losses
  readonly #open = new Map<number, OpenBlock>()
  #piece = emptyPiece()
  hasCalled = false

  constructor(losses: Losses) {
    this.#losses = losses
  }

  take(event: BlockStart | BlockDelta | BlockEnd): void {
    switch (event.kind) {
      case 'block-start':
        return this.#start(event)
      case 'block-delta':
        return this.#delta(event)
      case 'block-end':
        return this.#end(event.block)
    }
  }

  /** What was said since the last time; `undefined`: nothing. */
  told(): Piece | undefined {
    const piece = this.#piece
    this.#piece = emptyPiece()
    const isEmpty =
      piece.content === '' && piece.thinking === '' && piece.calls.length === 0 && piece.logprobs.length === 0
    return isEmpty ? undefined : piece
  }

  #start(event: BlockStart): void {
    const { content, block } = event
    if (!isOwn(event)) this.#losses.account(event, ['kind', 'choice', 'block', 'content'])
    this.#open.set(block, { start: event, argumentsText: '' })
    switch (content.kind) {
      case 'text':
      case 'thought':
      case 'tool-use':
        return
      case 'refusal':
        return approximateEvent(event, this.#losses, 'a refusal is told as text')
      case 'audio':
        return approximateEvent(event, this.#losses, 'only the transcript of the speech is told')
      case 'redacted-thought':
      case 'image':
        return loseEvent(event, this.#losses, `the target has no word for ${content.kind}`)
      case 'opaque':
        if (isOwn(event)) return void this.#piece.calls.push(content.wire)
        return loseEvent(event, this.#losses, `only its own dialect has a word for ${content.type}`)
    }
  }

  #delta(event: BlockDelta): void {
    const { delta } = event
    if (!isOwn(event)) this.#losses.account(event, ['kind', 'choice', 'block', 'delta'])
    const block = this.#open.get(event.block)
    switch (delta.kind) {
      case 'text':
        this.#piece[block?.start.content.kind === 'thought' ? 'thinking' : 'content'] += delta.text
        return
      case 'arguments':
        if (block) block.argumentsText += delta.text
        else loseEvent(event, this.#losses, 'it came after the end of its block')
        return
      // The transcript is told as text; of the sound the start of its block has said so.
      case 'audio':
        return
      case 'logprobs':
        if (isOwn(event) && Array.isArray(delta.logprobs)) return void this.#piece.logprobs.push(...delta.logprobs)
        return loseEvent(event, this.#losses, 'odds in the wording of another dialect')
      default:
        return loseEvent(event, this.#losses, `the target has no word for ${delta.kind}`)
    }
  }

  #approximateArguments({ choice, block }: BlockStart): void {
    const path = `choices[${choice}].blocks[${block}].arguments`
    this.#losses.note(path, 'approximated', 'they are no JSON object: told as the text they are')
  }

  #end(place: number): void {
    const block = this.#open.get(place)
    this.#open.delete(place)
    if (block?.start.content.kind !== 'tool-use') return
    this.hasCalled = true
    const { id, name, signature } = block.start.content
    const { input, isExact } = inputOf(block.argumentsText)
    if (!isExact) this.#approximateArguments(block.start)
    if (signature !== undefined && !isOwn(block.start))
      loseEvent(block.start, this.#losses, 'only its own model can read the signature')
    this.#piece.calls.push({ ...(id !== '' && { id }), function: { name, arguments: input } })
  }
}

/** Part of a message, or all of it. */
export interface Piece {
  content: string
  thinking: string
  readonly calls: JsonObject[]
  readonly logprobs: Json[]
}

/** The members of a message that says this. */
export function messageWords({ content, thinking, calls }: Piece): JsonObject {
  return {
    role: 'assistant',
    content,
    ...(thinking !== '' && { thinking }),
    ...(calls.length > 0 && { tool_calls: calls }),
  }
}

export function emptyPiece(): Piece {
  return { content: '', thinking: '', calls: [], logprobs: [] }
}

interface OpenBlock {
  readonly start: BlockStart
  argumentsText: string
}
