import type { GuardPhase, TextPlace } from '../../canonical/guardrail.ts'
import type {
  BlockDelta,
  BlockEnd,
  BlockOpening,
  BlockStart,
  CloseEvent,
  HeardFrame,
  ReplyEvent,
} from '../../canonical/event.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import type { Losses } from '../../canonical/loss.ts'
import { edit, hear, originOf } from '../../canonical/origin.ts'
import { placeInAnswer } from '../../policies/guardrails/answer-places.ts'
import { guardAcross, type Looking } from '../../policies/guardrails/guard-across.ts'
import { guardText } from '../../policies/guardrails/guard-text.ts'
import { PlainEscapes } from '../../policies/guardrails/plain-escapes.ts'
import { replaceInAnswer } from '../../policies/guardrails/replace-in-answer.ts'
import { windowRulesOf } from '../../policies/guardrails/rules-window.ts'
import { textsOf, type Text } from '../../policies/guardrails/texts.ts'
import { TextWindow } from '../../policies/guardrails/text-window.ts'
import { channelOf, placeOfBlock } from './channel.ts'
import type { AnswerRules } from './guard-input.ts'
import { lookingAt } from './look-at-answer.ts'

const phase: GuardPhase = 'output'

/**
 * A whole answer as its client may see it, in the provider's words. What was masked in the call is exchanged back.
 * @param losses told of what had to be left out beside a text that was changed. Absent: nobody is told.
 * @throws GatewayError `guardrail_blocked`.
 */
export function guardWhole(body: JsonObject, answer: AnswerRules, losses?: Losses): JsonObject {
  return answer.notes.timed(phase, () => guarded(body, answer, losses))
}

function guarded(body: JsonObject, answer: AnswerRules, losses?: Losses): JsonObject {
  const replacements = new Map<string, string>()
  const shown = textsOf(body, placeInAnswer).map((text) => {
    const allowed = guardOne(text, answer)
    if (allowed === text.text) return text
    replacements.set(text.path, allowed)
    return { ...text, text: allowed }
  })
  for (const [path, text] of guardAcross(shown, lookingAt(answer))) replacements.set(path, text)
  return replacements.size === 0 ? body : replaceInAnswer(body, replacements, losses)
}

/**
 * One whole text of an answer as its client may see it.
 * @throws GatewayError `guardrail_blocked`.
 */
export function guardOne(text: Text, { rules, masks, notes }: AnswerRules): string {
  const guarded = guardText(rules, text, phase, notes, masks) ?? text.text
  return masks.isEmpty ? guarded : restore(guarded, text, masks)
}

function restore(guarded: string, { isJsonText }: Text, masks: AnswerRules['masks']): string {
  let result = ''
  let from = 0
  for (const { start, end } of masks.detector.find(guarded)) {
    const original = masks.originalOf(guarded.slice(start, end)) ?? ''
    result += guarded.slice(from, start) + (isJsonText ? JSON.stringify(original).slice(1, -1) : original)
    from = end
  }
  return result + guarded.slice(from)
}

/**
 * The events of a stream as its client may see them. All texts of one kind in a choice are one text, in whichever blocks they come: a
 * client may put them together. One for each stream.
 */
export class StreamGuard {
  readonly #answer: AnswerRules
  readonly #looking: Looking
  readonly #losses: Losses
  readonly #joinsTexts: boolean
  /** By choice and kind; of arguments, by choice and block. */
  readonly #channels = new Map<string, Channel>()
  /** The same, by choice and block. */
  readonly #blocks = new Map<string, Channel>()

  /** @param joinsTexts what is held back of a text may be told after other things (`ChatTranslation.joinsTexts`). */
  constructor(answer: AnswerRules, losses: Losses, joinsTexts = false) {
    this.#answer = answer
    this.#looking = lookingAt(answer)
    this.#losses = losses
    this.#joinsTexts = joinsTexts
  }

  /**
   * @returns the same frame where the rules change nothing in it, so that it goes on word for word.
   * @throws GatewayError `guardrail_blocked`: nothing of the frame may be shown.
   */
  frame(frame: HeardFrame): HeardFrame {
    return this.#answer.notes.timed(phase, () => this.#frame(frame))
  }

  #frame(frame: HeardFrame): HeardFrame {
    const events: ReplyEvent[] = []
    let isSame = true
    for (const event of frame.events) {
      const allowed = this.#event(event)
      if (allowed.length !== 1 || allowed[0] !== event) isSame = false
      events.push(...allowed)
    }
    return isSame ? frame : { events, wire: undefined }
  }

  /** How much of a block is held back now, in UTF-16 units. */
  held(choice: number, block: number): number {
    return this.#blocks.get(`${choice}/${block}`)?.held() ?? 0
  }

  #event(event: ReplyEvent): readonly ReplyEvent[] {
    switch (event.kind) {
      case 'block-start':
        return [this.#started(event)]
      case 'block-delta':
        return this.#delta(event)
      case 'block-end':
        return [...this.#restOfBlock(event), event]
      case 'close':
        return [...this.#restOfChoice(event.choice), this.#closed(event)]
      case 'open':
      case 'usage':
      case 'ping':
        return [event]
    }
  }

  #delta(event: BlockDelta): readonly ReplyEvent[] {
    const { choice, block, delta } = event
    switch (delta.kind) {
      case 'text':
      case 'arguments': {
        const text = this.#channel(choice, block, delta.kind === 'arguments' ? 'tool-use' : 'text').push(delta.text)
        if (text === delta.text) return [event]
        return text === '' ? [] : [{ ...event, delta: { ...delta, text } }]
      }
      case 'logprobs':
        this.#losses.note(
          'logprobs',
          'lost',
          'a guardrail looks at the answer, and the tokens of what is held back would tell it',
        )
        return []
      case 'citation': {
        const citation = this.#json(delta.citation)
        return citation === delta.citation ? [event] : [{ ...event, delta: { ...delta, citation } }]
      }
      case 'opaque': {
        const pieces = isJsonObject(delta.wire) ? delta.wire['tool_calls'] : undefined
        if (Array.isArray(pieces)) return this.#customPieces(event, pieces)
        const wire = this.#json(delta.wire)
        return wire === delta.wire ? [event] : [edit(event, { delta: { ...delta, wire } })]
      }
      case 'signature':
        // It signs all that came before it: what is held back of that comes first.
        return [...this.#rest(choice, this.#blocks.get(`${choice}/${block}`)), event]
      case 'audio':
        return [event]
    }
  }

  #started(event: BlockStart): BlockStart {
    const { choice, block, content } = event
    if (content.kind === 'opaque') {
      const wire = this.#customPiece(event, content.wire)
      return wire === content.wire || !isJsonObject(wire) ? event : edit(event, { content: { ...content, wire } })
    }
    const place = placeOfBlock[content.kind] ?? 'assistant'
    this.#channel(choice, block, content.kind)
    const path = `${choice}/${block}`
    if (content.kind === 'tool-use') {
      const name = this.#at(content.name, `${path}.name`, place)
      return name === content.name ? event : edit(event, { content: { ...content, name } })
    }
    if (content.kind !== 'image' || content.url.startsWith('data:')) return event
    const url = this.#at(content.url, `${path}.url`, place)
    return url === content.url ? event : edit(event, { content: { ...content, url } })
  }

  #customPieces(event: BlockDelta, pieces: readonly Json[]): readonly ReplyEvent[] {
    const shown = pieces.map((piece) => (isJsonObject(piece) ? this.#customPiece(event, piece) : this.#json(piece)))
    if (shown.every((piece, place) => piece === pieces[place])) return [event]
    return [edit(event, { delta: { kind: 'opaque', wire: { tool_calls: shown } } })]
  }

  /** Of a call of a custom tool, as Chat Completions has it: its input is text in pieces, which the call's index holds together. */
  #customPiece(event: BlockStart | BlockDelta, piece: JsonObject): Json {
    const { custom = null, index = 0 } = piece
    if (!isJsonObject(custom) || typeof custom['input'] !== 'string') return this.#json(piece)
    const { input } = custom
    const key = `${event.choice} custom ${String(index)}`
    let channel = this.#channels.get(key)
    if (!channel) {
      const origin = originOf(event)
      channel = this.#open(event.choice, event.block, 'tool-use', (text) => {
        const wire = { tool_calls: [{ index, custom: { input: text } }] }
        const rest: BlockDelta = {
          kind: 'block-delta',
          choice: event.choice,
          block: event.block,
          delta: { kind: 'opaque', wire },
        }
        return origin ? hear(rest, origin) : rest
      })
      this.#channels.set(key, channel)
    }
    const text = channel.push(input)
    const beside: JsonObject = { ...piece, custom: { ...custom, input: '' } }
    const shown = this.#json(beside)
    if (text === input && shown === beside) return piece
    if (!isJsonObject(shown)) return shown
    const { custom: left = null } = shown
    return { ...shown, custom: { ...(isJsonObject(left) ? left : {}), input: text } }
  }

  /** The client gave the sequence itself, but where it was masked it is given back. */
  #closed(event: CloseEvent): CloseEvent {
    if (event.stopSequence === undefined) return event
    const stopSequence = this.#at(event.stopSequence, `${event.choice}.stop`, 'assistant')
    return stopSequence === event.stopSequence ? event : edit(event, { stopSequence })
  }

  /** Something that came at once. */
  #at(text: string, path: string, place: TextPlace): string {
    return text === '' ? text : guardOne({ path, place, text, isJsonText: false }, this.#answer)
  }

  #channel(choice: number, block: number, kind: BlockOpening['kind']): Channel {
    const path = `${choice}/${block}`
    const known = this.#blocks.get(path)
    if (known) return known
    const key = channelOf(choice, block, kind)
    let channel = this.#channels.get(key)
    if (channel) channel.begin(block)
    else this.#channels.set(key, (channel = this.#open(choice, block, kind)))
    this.#blocks.set(path, channel)
    return channel
  }

  /** @param told how the rest of a text is told that only its own dialect has words for. */
  #open(choice: number, block: number, kind: BlockOpening['kind'], told?: Channel['told']): Channel {
    const place = placeOfBlock[kind] ?? 'assistant'
    const { rules, notes } = this.#answer
    const isLookedAt = rules.some(({ places }) => places.has(place))
    const isJsonText = place === 'tool-arguments' && told === undefined
    const window = new TextWindow(
      windowRulesOf({
        rules: this.#looking.rulesAt(place),
        isJsonText,
        write: (edit, found) => this.#looking.write(edit, found),
        note: (seen) => this.#looking.note(seen, place, `${choice}/${channel.block}`),
      }),
    )
    const escapes = isJsonText ? new PlainEscapes() : undefined
    const shownOf = (piece: string) => {
      if (isLookedAt) notes.scanned.output += piece.length
      return window.push(piece)
    }
    const channel: Channel = {
      push: (text) => shownOf(escapes ? escapes.push(text) : text),
      end: () => (escapes ? shownOf(escapes.end()) : '') + window.end(),
      held: () => (escapes?.held ?? 0) + window.held,
      kind: isJsonText ? 'arguments' : 'text',
      // A thought comes before what was thought of, and a call is used once it is whole.
      isHeldOver: this.#joinsTexts && kind !== 'thought' && kind !== 'tool-use',
      block,
      told,
      begin: (next) => {
        channel.block = next
        window.part()
      },
    }
    return channel
  }

  /** What is held over goes out with the next text of its kind, or where the choice closes. */
  #restOfBlock({ choice, block }: BlockEnd): readonly ReplyEvent[] {
    const channel = this.#blocks.get(`${choice}/${block}`)
    return channel?.isHeldOver ? [] : this.#rest(choice, channel)
  }

  #restOfChoice(choice: number): readonly ReplyEvent[] {
    const ofChoice = [...this.#channels].filter(([key]) => Number.parseInt(key, 10) === choice)
    for (const [key] of ofChoice) this.#channels.delete(key)
    for (const key of this.#blocks.keys()) if (key.startsWith(`${choice}/`)) this.#blocks.delete(key)
    return ofChoice.flatMap(([, channel]) => this.#rest(choice, channel))
  }

  #rest(choice: number, channel: Channel | undefined): readonly ReplyEvent[] {
    const text = channel?.end() ?? ''
    if (!channel || text === '') return []
    if (channel.told) return [channel.told(text)]
    return [{ kind: 'block-delta', choice, block: channel.block, delta: { kind: channel.kind, text } }]
  }

  /** Something that came at once, and that only its own dialect has words for. */
  #json(value: Json): Json {
    if (typeof value !== 'object' || value === null) return value
    const allowed = guarded({ value }, this.#answer)['value']
    return allowed === undefined ? value : allowed
  }
}

interface Channel {
  readonly push: (text: string) => string
  readonly end: () => string
  readonly held: () => number
  readonly kind: 'text' | 'arguments'
  /** Whether what is held back of it may be told when its block has ended. */
  readonly isHeldOver: boolean
  /** The last one that it came in. */
  block: number
  /** Its rest, in the words of its own dialect. */
  readonly told: ((rest: string) => ReplyEvent) | undefined
  /** It goes on in another block. */
  readonly begin: (block: number) => void
}
