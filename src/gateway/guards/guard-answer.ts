import type { GuardPhase, TextPlace } from '../../canonical/guardrail.ts'
import type { BlockDelta, BlockOpening, BlockStart, CloseEvent, HeardFrame, ReplyEvent } from '../../canonical/event.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import type { Losses } from '../../canonical/loss.ts'
import { edit } from '../../canonical/origin.ts'
import type { Detector } from '../../policies/guardrails/detect/detector.ts'
import { placeInAnswer } from '../../policies/guardrails/answer-places.ts'
import { guardText, writerOf } from '../../policies/guardrails/guard-text.ts'
import type { Edit, Judged } from '../../policies/guardrails/judge-text.ts'
import { PlainEscapes } from '../../policies/guardrails/plain-escapes.ts'
import type { GuardRule } from '../../policies/guardrails/rule.ts'
import { windowRulesOf } from '../../policies/guardrails/rules-window.ts'
import { replaceTexts, textsOf, type Text } from '../../policies/guardrails/texts.ts'
import { TextWindow } from '../../policies/guardrails/text-window.ts'
import type { AnswerRules } from './guard-input.ts'

const phase: GuardPhase = 'output'

/**
 * A whole answer as its client may see it, in the provider's words. What was masked in the call is exchanged back.
 * @throws GatewayError `guardrail_blocked`.
 */
export function guardWhole(body: JsonObject, answer: AnswerRules): JsonObject {
  return answer.notes.timed(phase, () => guarded(body, answer))
}

function guarded(body: JsonObject, answer: AnswerRules): JsonObject {
  const replacements = new Map<string, string>()
  for (const text of textsOf(body, placeInAnswer)) {
    const allowed = guardOne(text, answer)
    if (allowed !== text.text) replacements.set(text.path, allowed)
  }
  return replacements.size === 0 ? body : replaceTexts(body, replacements)
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

/** The events of a stream as its client may see them. One for each stream. */
export class StreamGuard {
  readonly #answer: AnswerRules
  readonly #losses: Losses
  readonly #channels = new Map<string, Channel>()
  /** What was masked is looked for like anything else, and written back as it was. */
  readonly #restoring: GuardRule | undefined

  constructor(answer: AnswerRules, losses: Losses) {
    this.#answer = answer
    this.#losses = losses
    this.#restoring = answer.masks.isEmpty ? undefined : restoringRule(answer.masks.detector)
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
    return this.#channels.get(`${choice}/${block}`)?.held() ?? 0
  }

  #event(event: ReplyEvent): readonly ReplyEvent[] {
    switch (event.kind) {
      case 'block-start':
        return [this.#started(event)]
      case 'block-delta':
        return this.#delta(event)
      case 'block-end':
        return [...this.#rest(event.choice, event.block), event]
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
        const place = delta.kind === 'arguments' ? 'tool-arguments' : 'assistant'
        const text = this.#channel(choice, block, place).push(delta.text)
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
        const wire = this.#json(delta.wire)
        return wire === delta.wire ? [event] : [{ ...event, delta: { ...delta, wire } }]
      }
      case 'signature':
        // It signs all that came before it: what is held back of that comes first.
        return [...this.#rest(choice, block), event]
      case 'audio':
        return [event]
    }
  }

  #started(event: BlockStart): BlockStart {
    const { choice, block, content } = event
    if (content.kind === 'opaque') {
      const wire = this.#json(content.wire)
      return wire === content.wire || !isJsonObject(wire) ? event : { ...event, content: { ...content, wire } }
    }
    const place = placeOfBlock[content.kind] ?? 'assistant'
    this.#channel(choice, block, place)
    const path = `${choice}/${block}`
    if (content.kind === 'tool-use') {
      const name = this.#at(content.name, `${path}.name`, place)
      return name === content.name ? event : edit(event, { content: { ...content, name } })
    }
    if (content.kind !== 'image' || content.url.startsWith('data:')) return event
    const url = this.#at(content.url, `${path}.url`, place)
    return url === content.url ? event : edit(event, { content: { ...content, url } })
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

  #channel(choice: number, block: number, place: TextPlace): Channel {
    const path = `${choice}/${block}`
    let channel = this.#channels.get(path)
    if (channel === undefined) this.#channels.set(path, (channel = this.#open(path, place)))
    return channel
  }

  #open(path: string, place: TextPlace): Channel {
    const { rules, masks, notes } = this.#answer
    const applying = rules.filter(({ places }) => places.has(place))
    const isLookedAt = applying.length > 0
    if (this.#restoring) applying.push(this.#restoring)
    const isJsonText = place === 'tool-arguments'
    const write = writerOf(masks)
    const window = new TextWindow(
      windowRulesOf({
        rules: applying,
        isJsonText,
        write: (edit: Edit, found) => (edit.kind === 'mask' ? (masks.originalOf(found) ?? found) : write(edit, found)),
        note: (seen: readonly Judged[]) =>
          notes.add(
            seen.filter(({ rule }) => rule !== this.#restoring),
            phase,
            place,
            path,
          ),
      }),
    )
    const escapes = isJsonText ? new PlainEscapes() : undefined
    const shownOf = (piece: string) => {
      if (isLookedAt) notes.scanned.output += piece.length
      return window.push(piece)
    }
    return {
      push: (text) => shownOf(escapes ? escapes.push(text) : text),
      end: () => (escapes ? shownOf(escapes.end()) : '') + window.end(),
      held: () => (escapes?.held ?? 0) + window.held,
      kind: isJsonText ? 'arguments' : 'text',
    }
  }

  #rest(choice: number, block: number): readonly ReplyEvent[] {
    const path = `${choice}/${block}`
    const channel = this.#channels.get(path)
    this.#channels.delete(path)
    const text = channel?.end() ?? ''
    return channel && text !== '' ? [{ kind: 'block-delta', choice, block, delta: { kind: channel.kind, text } }] : []
  }

  #restOfChoice(choice: number): readonly ReplyEvent[] {
    const blocks = [...this.#channels.keys()].map((path) => path.split('/').map(Number))
    return blocks.flatMap(([of, block]) => (of === choice && block !== undefined ? this.#rest(choice, block) : []))
  }

  /** Something that came at once, and that only its own dialect has words for. */
  #json(value: Json): Json {
    if (typeof value !== 'object' || value === null) return value
    const allowed = guarded({ value }, this.#answer)['value']
    return allowed === undefined ? value : allowed
  }
}

/** Where the text of a block stands; all else is the answer. */
export const placeOfBlock: Readonly<Partial<Record<BlockOpening['kind'], TextPlace>>> = {
  thought: 'reasoning',
  refusal: 'refusal',
  'tool-use': 'tool-arguments',
}

interface Channel {
  readonly push: (text: string) => string
  readonly end: () => string
  readonly held: () => number
  readonly kind: 'text' | 'arguments'
}

function restoringRule(detector: Detector): GuardRule {
  return {
    name: 'masks',
    detectors: [detector],
    phases: new Set(['output']),
    places: new Set(),
    action: 'mask',
    tag: undefined,
    condition: undefined,
    isShadow: false,
  }
}
