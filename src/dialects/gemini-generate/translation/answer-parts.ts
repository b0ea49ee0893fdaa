import type { BlockDelta, BlockEnd, BlockStart } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { parseUnscannedJson } from '../../../wire/json-parse.ts'
import { approximateEvent, loseEvent } from '../../shared/translation/lose-event.ts'
import { accountForEvent } from './answer-losses.ts'
import { isOwn } from './own.ts'

/**
 * The events of one candidate on their way to parts, of a body as of a stream: texts part by part as they come, a call whole when it
 * has ended, since this dialect tells its arguments at once.
 */
export class AnswerParts {
  readonly #losses: Losses
  readonly #requestId: string
  readonly #open = new Map<number, OpenBlock>()
  /** Whether the candidate called a tool. */
  hasCalled = false

  constructor(losses: Losses, requestId: string) {
    this.#losses = losses
    this.#requestId = requestId
  }

  take(event: BlockStart | BlockDelta | BlockEnd): readonly JsonObject[] {
    accountForEvent(event, this.#losses)
    switch (event.kind) {
      case 'block-start':
        return this.#start(event)
      case 'block-delta':
        return this.#delta(event)
      case 'block-end': {
        const block = this.#open.get(event.block)
        this.#open.delete(event.block)
        if (block?.start.content.kind !== 'tool-use') return []
        this.hasCalled = true
        return [this.#call(block)]
      }
    }
  }

  #start(event: BlockStart): readonly JsonObject[] {
    this.#open.set(event.block, { start: event, argumentsText: '' })
    const { content } = event
    switch (content.kind) {
      case 'text':
      case 'thought':
      case 'tool-use':
        return []
      case 'refusal':
        approximateEvent(event, this.#losses, 'a refusal is told as text')
        return []
      case 'audio':
        approximateEvent(event, this.#losses, 'only the transcript of the speech is told')
        return []
      case 'redacted-thought':
        loseEvent(event, this.#losses, 'this dialect has no word for an encrypted thought')
        return []
      case 'image':
        return this.#picture(event, content.url)
      case 'opaque':
        if (isOwn(event)) return [content.wire]
        loseEvent(event, this.#losses, `only its own dialect has a word for ${content.type}`)
        return []
    }
  }

  #picture(event: BlockStart, url: string): readonly JsonObject[] {
    const [, mimeType, data] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? []
    if (mimeType !== undefined && data !== undefined) return [{ inlineData: { mimeType, data } }]
    loseEvent(event, this.#losses, 'a picture by its address has no place in an answer of this dialect')
    return []
  }

  #delta(event: BlockDelta): readonly JsonObject[] {
    const block = this.#open.get(event.block)
    const { delta } = event
    switch (delta.kind) {
      case 'text':
        if (delta.text === '') return []
        return [{ text: delta.text, ...(block?.start.content.kind === 'thought' && { thought: true }) }]
      case 'arguments':
        if (block) block.argumentsText += delta.text
        else loseEvent(event, this.#losses, 'it came after the end of its block')
        return []
      case 'signature':
        return this.#signature(event, block, delta.signature)
      case 'citation':
        loseEvent(event, this.#losses, 'a citation in the wording of another dialect')
        return []
      case 'logprobs':
        loseEvent(event, this.#losses, 'odds in the wording of another dialect')
        return []
      // The transcript is told as text; of the sound the start of its block has said so.
      case 'audio':
        return []
      case 'opaque':
        loseEvent(event, this.#losses, 'only its own dialect has a word for it')
        return []
    }
  }

  /** Its own goes with an empty text, as Google itself tells it; that of another provider nobody here could read again. */
  #signature(event: BlockDelta, block: OpenBlock | undefined, signature: string): readonly JsonObject[] {
    if (isOwn(event)) {
      const isThought = block?.start.content.kind === 'thought'
      return [{ text: '', ...(isThought && { thought: true }), thoughtSignature: signature }]
    }
    loseEvent(event, this.#losses, 'only its own model can read the signature')
    return []
  }

  #call({ start, argumentsText }: OpenBlock): JsonObject {
    const { content } = start
    if (content.kind !== 'tool-use') return {}
    const args = argumentsText.trim() === '' ? {} : parsed(argumentsText)
    const isExact = isJsonObject(args)
    if (!isExact) approximateEvent(start, this.#losses, 'its arguments are no JSON object: told as the text they are')
    return {
      functionCall: {
        // A client needs one to hand a result back.
        id: content.id === '' ? `call_${this.#requestId}_${start.block}` : content.id,
        name: content.name,
        args: isExact ? args : { INVALID_JSON: argumentsText },
      },
      ...(content.signature !== undefined && { thoughtSignature: content.signature }),
    }
  }
}

interface OpenBlock {
  readonly start: BlockStart
  argumentsText: string
}

function parsed(text: string): Json | undefined {
  try {
    return parseUnscannedJson(text)
  } catch {
    // Not swallowed: the caller tells that it is not exact.
    return undefined
  }
}
