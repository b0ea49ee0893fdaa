import type { BlockOpening, Delta, HeardFrame, OfBlock, ReplyEvent } from '../../canonical/event.ts'
import type { TextPlace } from '../../canonical/guardrail.ts'
import { placeInAnswer } from '../../policies/guardrails/answer-places.ts'
import { isJsonObject, type Json } from '../../canonical/json.ts'
import { edit } from '../../canonical/origin.ts'
import { AskedText, type AskedForm } from '../../policies/guardrails/external/asked-text.ts'
import { replaceTexts, textsOf } from '../../policies/guardrails/texts.ts'
import { channelOf, placeOfBlock } from './channel.ts'

/** The frames of a stream in the order they came, until all of their texts may be shown. */
export class AskedFrames {
  readonly #queue: AskedFrame[] = []
  /** Those that may go on, as `channelOf` names them. */
  readonly #open = new Map<string, AskedText>()
  /** The same, by choice and block. */
  readonly #blocks = new Map<string, AskedText>()
  /** That frames in the queue are of, or that may go on. */
  readonly #texts = new Set<AskedText>()
  #heldLength = 0
  readonly #isSeen: (place: TextPlace) => boolean

  /** @param isSeen whether anybody looks at texts of a place. Those of others hold nothing up. */
  constructor(isSeen: (place: TextPlace) => boolean) {
    this.#isSeen = isSeen
  }

  /** @param onText told of each piece of text that somebody looks at, with its place and its length. */
  push(frame: HeardFrame, onText: (place: TextPlace, length: number) => void): void {
    const parts = frame.events.map((event) => this.#partOf(event, onText))
    this.#queue.push({ frame, parts })
  }

  /** No more comes. */
  end(): void {
    for (const text of this.#open.values()) text.end()
    this.#open.clear()
    this.#blocks.clear()
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0
  }

  /** How much text waits, in UTF-16 units. */
  get heldLength(): number {
    return this.#heldLength
  }

  /** That may have something to be asked about. */
  get texts(): Iterable<AskedText> {
    return this.#texts
  }

  /** The frames at the front that may be shown, as they may be. They are in no client's words yet. */
  take(): readonly HeardFrame[] {
    const ready = this.#queue.findIndex(({ parts }) => !parts.every((part) => isCleared(part)))
    const frames = this.#queue.splice(0, ready === -1 ? this.#queue.length : ready).map(({ frame, parts }) => {
      const events = frame.events.flatMap((event, place) => this.#shown(event, parts[place]))
      return { events, wire: undefined }
    })
    if (this.#queue.length === 0) this.#texts.clear()
    for (const text of this.#open.values()) this.#texts.add(text)
    return frames
  }

  /** Nobody looks at them any more. */
  clearAll(): void {
    for (const text of this.#texts) text.clearAll()
  }

  #partOf(event: ReplyEvent, onText: (place: TextPlace, length: number) => void): Part {
    switch (event.kind) {
      case 'block-start': {
        const path = `${event.choice}/${event.block}`
        const { content } = event
        if (content.kind === 'opaque') return this.#atOnce(path, content.wire, onText)
        const { place } = this.#textIn(event, content.kind)
        if (content.kind === 'tool-use') return this.#nameOf(path, content.name, place, onText)
        const isAddress = content.kind === 'image' && !content.url.startsWith('data:')
        return isAddress ? this.#atOnce(path, content.url, onText) : undefined
      }
      case 'block-delta': {
        const path = `${event.choice}/${event.block}`
        const { delta } = event
        const said = textOf(delta)
        if (said !== undefined) {
          const text = this.#textIn(event, delta.kind === 'arguments' ? 'tool-use' : 'text')
          if (said === '' || !this.#isSeen(text.place)) return undefined
          onText(text.place, said.length)
          this.#heldLength += said.length
          return { kind: 'piece', text, ...text.push(said) }
        }
        if (delta.kind === 'citation') return this.#atOnce(path, delta.citation, onText)
        return delta.kind === 'opaque' ? this.#atOnce(path, delta.wire, onText) : undefined
      }
      case 'block-end':
        this.#pause(`${event.choice}/${event.block}`)
        return undefined
      case 'close':
        this.#close(event.choice)
        return event.stopSequence === undefined
          ? undefined
          : this.#atOnce(`${event.choice}`, event.stopSequence, onText)
      case 'open':
      case 'usage':
      case 'ping':
        return undefined
    }
  }

  #textIn({ choice, block }: OfBlock, kind: BlockOpening['kind']): AskedText {
    const path = `${choice}/${block}`
    const known = this.#blocks.get(path)
    if (known) return known
    const place = placeOfBlock[kind] ?? 'assistant'
    const text = this.#textAt(channelOf(choice, block, kind), path, place, formOf(place))
    text.path = path
    this.#blocks.set(path, text)
    return text
  }

  #textAt(key: string, path: string, place: TextPlace, form: AskedForm): AskedText {
    const known = this.#open.get(key)
    if (known) return known
    const text = new AskedText(path, place, form)
    this.#open.set(key, text)
    this.#texts.add(text)
    return text
  }

  /** What has come is due. A text may go on in a block of its kind; a call does not. */
  #pause(path: string): void {
    this.#blocks.get(path)?.end()
    this.#blocks.delete(path)
    for (const key of [path, `${path}.name`, `${path}.input`]) {
      // A text that goes on is not open by the name of a block.
      this.#open.get(key)?.end()
      this.#open.delete(key)
    }
  }

  #close(choice: number): void {
    for (const [key, text] of this.#open) {
      if (Number.parseInt(key, 10) !== choice) continue
      text.end()
      this.#open.delete(key)
    }
    for (const path of this.#blocks.keys()) if (Number.parseInt(path, 10) === choice) this.#blocks.delete(path)
  }

  /** A tool that is called. Its name is asked about with the arguments: nobody can use it before. */
  #nameOf(block: string, name: string, place: TextPlace, onText: (place: TextPlace, length: number) => void): Part {
    if (name === '' || !this.#isSeen(place)) return undefined
    const path = `${block}.name`
    const text = this.#textAt(path, path, place, 'whole')
    onText(place, name.length)
    this.#heldLength += name.length
    return { kind: 'at-once', pieces: new Map([['value', { text, ...text.push(name) }]]) }
  }

  /** Something in the words of its own dialect. All of it comes at once but the input of a custom tool, as Chat Completions has it. */
  #atOnce(path: string, wire: Json, onText: (place: TextPlace, length: number) => void): Part {
    const pieces = new Map<string, Piece>()
    for (const one of textsOf({ value: wire }, placeInAnswer)) {
      if (one.text === '' || !this.#isSeen(one.place)) continue
      const isInput = customInput.test(one.path)
      const text = isInput
        ? this.#textAt(`${path}.input`, `${path}.${one.path}`, one.place, 'whole')
        : new AskedText(`${path}.${one.path}`, one.place, one.isJsonText ? 'arguments' : 'text')
      pieces.set(one.path, { text, ...text.push(one.text) })
      if (!isInput) text.end()
      onText(one.place, one.text.length)
      this.#heldLength += one.text.length
      this.#texts.add(text)
    }
    return pieces.size === 0 ? undefined : { kind: 'at-once', pieces }
  }

  #shown(event: ReplyEvent, part: Part): readonly ReplyEvent[] {
    if (!part) return [event]
    if (part.kind === 'piece') {
      this.#heldLength -= part.until - part.from
      const text = part.text.show(part.from, part.until)
      if (event.kind !== 'block-delta' || !isText(event.delta)) return [event]
      return text === '' ? [] : [{ ...event, delta: { ...event.delta, text } }]
    }
    const written = new Map<string, string>()
    for (const [path, { text, from, until }] of part.pieces) {
      this.#heldLength -= until - from
      written.set(path, text.show(from, until))
    }
    const replaced = (wire: Json): Json => replaceTexts({ value: wire }, written)['value'] ?? null
    const replacedText = (text: string): string => {
      const value = replaced(text)
      return typeof value === 'string' ? value : ''
    }
    if (event.kind === 'block-start') {
      const { content } = event
      if (content.kind === 'tool-use')
        return [edit(event, { content: { ...content, name: replacedText(content.name) } })]
      if (content.kind === 'image') return [edit(event, { content: { ...content, url: replacedText(content.url) } })]
      if (content.kind !== 'opaque') return [event]
      const wire = replaced(content.wire)
      return isJsonObject(wire) ? [edit(event, { content: { ...content, wire } })] : []
    }
    if (event.kind === 'close' && event.stopSequence !== undefined)
      return [edit(event, { stopSequence: replacedText(event.stopSequence) })]
    if (event.kind !== 'block-delta') return [event]
    const { delta } = event
    if (delta.kind === 'citation') return [{ ...event, delta: { ...delta, citation: replaced(delta.citation) } }]
    return delta.kind === 'opaque' ? [edit(event, { delta: { ...delta, wire: replaced(delta.wire) } })] : [event]
  }
}

function formOf(place: TextPlace): AskedForm {
  return place === 'tool-arguments' ? 'arguments' : 'text'
}

interface AskedFrame {
  readonly frame: HeardFrame
  /** One for each event. */
  readonly parts: readonly Part[]
}

/** Where it stands in its text. */
interface Piece {
  readonly text: AskedText
  readonly from: number
  readonly until: number
}

/** The text of an event; of one that comes at once, those that stand in it, by their paths. `undefined`: it has none. */
type Part =
  | ({ readonly kind: 'piece' } & Piece)
  | { readonly kind: 'at-once'; readonly pieces: ReadonlyMap<string, Piece> }
  | undefined

const customInput = /^value\.(?:tool_calls\[\d+\]\.)?custom\.input$/

function isCleared(part: Part): boolean {
  if (!part) return true
  if (part.kind === 'piece') return part.text.isCleared(part.until)
  return [...part.pieces.values()].every(({ text, until }) => text.isCleared(until))
}

function isText(delta: Delta): delta is Extract<Delta, { kind: 'text' | 'arguments' }> {
  return delta.kind === 'text' || delta.kind === 'arguments'
}

function textOf(delta: Delta): string | undefined {
  return isText(delta) ? delta.text : undefined
}
