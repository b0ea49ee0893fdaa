import type { BlockOpening, Delta, ReplyEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject, wordOf } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { listIn } from '../../shared/call-fields.ts'
import { markSignature, readMarkedSignature } from '../../shared/translation/signed-elsewhere.ts'
import { unknownKeys } from '../../shared/translation/unknown-keys.ts'
import { dialectName, signatureFormat } from './own.ts'
import { partBreak } from './read-reasoning-item.ts'

/**
 * Turns the items of an answer into blocks, whether they come whole or in pieces: a part of a message is a block, and so is
 * any other item. What came in pieces is not told again by the item that ends it.
 */
export class ItemReader {
  readonly #items = new Map<number, OpenItem>()
  #next = 0
  #events: ReplyEvent[] = []

  /** What has happened since the last time. */
  take(): readonly ReplyEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }

  /**
   * Whether this item has come already. Some providers tell items at other places in the end than before, others give them
   * other ids (recorded 2026).
   */
  hasTold(wire: Json, index: number): boolean {
    const { id, type } = isJsonObject(wire) ? wire : {}
    if (this.#items.get(index)?.wire['type'] === type) return true
    return typeof id === 'string' && [...this.#items.values()].some((item) => item.wire['id'] === id)
  }

  /** A place where nothing has come yet, for what comes in the end. */
  freePlace(): number {
    return Math.max(-1, ...this.#items.keys()) + 1
  }

  whole(wire: Json, index: number): void {
    if (isJsonObject(wire)) this.end(wire, index)
  }

  /** An item has begun. Only a call is known for what it is from its beginning. */
  open(wire: Json | undefined, index: number): void {
    const item = this.#item(index, wire)
    if (item.wire['type'] === 'function_call') this.#call(item)
  }

  /** A part of a message has begun. */
  openPart(part: Json | undefined, index: number, place: number): void {
    const kind = kindOfPart(part)
    if (kind !== undefined) this.#part(this.#item(index), place, kind, part)
  }

  text(index: number, place: number, kind: 'text' | 'refusal', text: string): void {
    const part = this.#part(this.#item(index), place, kind)
    part.hasText = true
    if (text !== '') this.#delta(part.block, { kind: 'text', text })
  }

  odds(index: number, place: number, logprobs: readonly Json[]): void {
    const { block } = this.#part(this.#item(index), place, 'text')
    // One by one, as they come in a stream.
    for (const one of logprobs)
      this.#delta(block, { kind: 'logprobs', logprobs: [one] }, `${partPath(index, place)}.logprobs`, logprobs)
  }

  citation(index: number, place: number, citation: Json): void {
    const part = this.#part(this.#item(index), place, 'text')
    const path = `${partPath(index, place)}.annotations[${part.citations++}]`
    this.#delta(part.block, { kind: 'citation', citation }, path, citation)
  }

  /** A part has ended, told whole. */
  endPart(wire: Json | undefined, index: number, place: number): void {
    const kind = kindOfPart(wire)
    if (kind === undefined || !isJsonObject(wire)) return
    const part = this.#part(this.#item(index), place, kind, wire)
    const text = wire[kind === 'text' ? 'text' : 'refusal']
    if (!part.hasText && typeof text === 'string') this.text(index, place, kind, text)
    if (part.hasEnded) return
    for (const citation of listIn(wire, 'annotations').slice(part.citations)) this.citation(index, place, citation)
    if (!part.hasOdds) this.odds(index, place, listIn(wire, 'logprobs'))
    this.#end(part)
  }

  /** The odds of a part come with its pieces. */
  noteOdds(index: number, place: number): void {
    this.#part(this.#item(index), place, 'text').hasOdds = true
  }

  /** @param part which of the thought's paragraphs it is. */
  thought(index: number, part: string, text: string): void {
    if (text === '') return
    const item = this.#item(index)
    const block = this.#thought(item)
    if (item.lastPart !== undefined && item.lastPart !== part) this.#delta(block.block, breakDelta)
    item.lastPart = part
    item.told.add(part)
    this.#delta(block.block, { kind: 'text', text })
  }

  /** A paragraph has ended, told whole. */
  endThought(index: number, part: string, text: Json | undefined): void {
    if (!this.#item(index).told.has(part) && typeof text === 'string') this.thought(index, part, text)
  }

  /** @param isWhole told at the end, after any pieces. */
  argumentsText(index: number, text: Json | undefined, isWhole: boolean): void {
    const block = this.#call(this.#item(index))
    if (typeof text !== 'string' || text === '' || (isWhole && block.hasText)) return
    block.hasText = true
    this.#delta(block.block, { kind: 'arguments', text })
  }

  /** An item has ended, told whole. */
  end(wire: Json | undefined, index: number): void {
    const item = this.#item(index, wire)
    if (item.hasEnded) return
    item.hasEnded = true
    // In a stream the item that ends holds all that the one that began did.
    if (isJsonObject(wire)) item.wire = wire
    switch (item.wire['type']) {
      case 'message':
        return this.#endMessage(item)
      case 'reasoning':
        return this.#endReasoning(item)
      case 'function_call':
        this.argumentsText(index, item.wire['arguments'], true)
        return this.#end(this.#call(item))
      default: {
        const { type } = item.wire
        const name = typeof type === 'string' ? type : 'item'
        return this.#end(this.#start({ kind: 'opaque', type: name, wire: item.wire }, item.wire, item.path, []))
      }
    }
  }

  /** What began and never ended. */
  endAll(): void {
    for (const [index, item] of this.#items) if (!item.hasEnded) this.end(item.wire, index)
  }

  #endMessage(item: OpenItem): void {
    const content = listIn(item.wire, 'content')
    for (const [place, part] of content.entries()) {
      const kind = kindOfPart(part)
      if (kind !== undefined) this.endPart(part, item.index, place)
      else if (isJsonObject(part) && !item.parts.has(place)) this.#opaquePart(item, place, part)
    }
    for (const part of item.parts.values()) this.#end(part)
    // A message that says nothing is one all the same.
    if (item.parts.size === 0) this.#end(this.#part(item, 0, 'text'))
  }

  #opaquePart(item: OpenItem, place: number, part: JsonObject): void {
    const type = wordOf(part['type'] ?? 'part')
    const block = this.#start({ kind: 'opaque', type, wire: part }, part, partPath(item.index, place), [])
    item.parts.set(place, block)
    this.#end(block)
  }

  #endReasoning(item: OpenItem): void {
    const { index, wire } = item
    for (const key of ['summary', 'content'] as const)
      for (const [place, part] of listIn(wire, key).entries())
        this.endThought(index, `${key}[${place}]`, isJsonObject(part) ? part['text'] : undefined)
    const encrypted = wire['encrypted_content']
    const signature = typeof encrypted === 'string' && encrypted !== '' ? signatureOf(encrypted) : undefined
    if (signature !== undefined && item.block === undefined) {
      item.block = this.#start({ kind: 'redacted-thought', data: signature }, wire, item.path, unheardOf(wire))
    } else if (signature !== undefined && signature !== '')
      this.#delta(this.#thought(item).block, { kind: 'signature', signature }, `${item.path}.encrypted_content`, wire)
    this.#end(this.#thought(item))
  }

  #item(index: number, wire?: Json): OpenItem {
    const known = this.#items.get(index)
    if (known) return known
    const item: OpenItem = {
      index,
      path: `output[${index}]`,
      wire: isJsonObject(wire) ? wire : {},
      parts: new Map(),
      block: undefined,
      told: new Set(),
      lastPart: undefined,
      hasEnded: false,
    }
    this.#items.set(index, item)
    return item
  }

  #part(item: OpenItem, place: number, kind: 'text' | 'refusal', wire?: Json): OpenBlock {
    const known = item.parts.get(place)
    if (known) return known
    const ofItem = item.parts.size === 0 ? unknownKeys(item.wire, knownOfMessage) : []
    const ofPart = isJsonObject(wire) ? unknownKeys(wire, knownOfPart).map((key) => `content[${place}].${key}`) : []
    const block = this.#start({ kind }, wire ?? item.wire, item.path, [...ofItem, ...ofPart])
    item.parts.set(place, block)
    return block
  }

  #thought(item: OpenItem): OpenBlock {
    return (item.block ??= this.#start({ kind: 'thought' }, item.wire, item.path, unheardOf(item.wire)))
  }

  #call(item: OpenItem): OpenBlock {
    const { call_id: id, name } = item.wire
    return (item.block ??= this.#start(
      { kind: 'tool-use', id: textOr(id), name: textOr(name), signature: undefined },
      item.wire,
      item.path,
      unknownKeys(item.wire, knownOfCall).filter((key) => key !== 'status' || item.wire[key] === 'incomplete'),
    ))
  }

  #start(content: BlockOpening, wire: Json, path: string, unheard: readonly string[]): OpenBlock {
    const block = this.#next++
    const heard = content.kind === 'opaque' ? { content: '' } : {}
    this.#events.push(
      hear({ kind: 'block-start', choice: 0, block, content }, { dialect: dialectName, wire, path, heard, unheard }),
    )
    return { block, hasText: false, hasOdds: false, citations: 0, hasEnded: false }
  }

  #delta(block: number, delta: Delta, path?: string, wire?: Json): void {
    const event: ReplyEvent = { kind: 'block-delta', choice: 0, block, delta }
    this.#events.push(
      path === undefined || wire === undefined
        ? event
        : hear(event, { dialect: dialectName, wire, path, heard: { delta: '' }, unheard: [] }),
    )
  }

  #end(block: OpenBlock): void {
    if (!block.hasEnded) this.#events.push({ kind: 'block-end', choice: 0, block: block.block })
    block.hasEnded = true
  }
}

interface OpenItem {
  readonly index: number
  readonly path: string
  wire: JsonObject
  /** Of a message, by their places. */
  readonly parts: Map<number, OpenBlock>
  /** Of a thought or a call. */
  block: OpenBlock | undefined
  /** The paragraphs of a thought that came in pieces. */
  readonly told: Set<string>
  lastPart: string | undefined
  hasEnded: boolean
}

interface OpenBlock {
  readonly block: number
  hasText: boolean
  hasOdds: boolean
  citations: number
  hasEnded: boolean
}

const breakDelta: Delta = Object.freeze({ kind: 'text', text: partBreak })

/** Says whose it is, so that a client of another dialect hands it back to whom it belongs. */
function signatureOf(encrypted: string): string {
  const marked = readMarkedSignature(encrypted)
  if (marked === undefined) return markSignature({ format: signatureFormat, signature: encrypted })
  return marked.format === undefined ? marked.signature : encrypted
}

function kindOfPart(part: Json | undefined): 'text' | 'refusal' | undefined {
  const type = isJsonObject(part) ? part['type'] : undefined
  return type === 'output_text' || type === 'text' ? 'text' : type === 'refusal' ? 'refusal' : undefined
}

function partPath(index: number, place: number): string {
  return `output[${index}].content[${place}]`
}

function unheardOf(item: JsonObject): readonly string[] {
  return unknownKeys(item, knownOfReasoning)
}

function textOr(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** The id of an item names it at its provider only. A status is told by the whole answer's. */
const knownOfItem = ['type', 'id', 'status'] as const
const knownOfMessage: ReadonlySet<string> = new Set([...knownOfItem, 'role', 'content'])
const knownOfPart: ReadonlySet<string> = new Set(['type', 'text', 'refusal', 'annotations', 'logprobs'])
const knownOfReasoning: ReadonlySet<string> = new Set([...knownOfItem, 'summary', 'content', 'encrypted_content'])
/** One provider repeats members of the event in the item (Bedrock, 2026-08). */
const knownOfCall: ReadonlySet<string> = new Set('type id call_id name arguments item_id output_index'.split(' '))
