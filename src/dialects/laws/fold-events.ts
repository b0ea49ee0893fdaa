import type { BlockOpening, CloseEvent, Delta, OpenEvent, ReplyEvent, UsageEvent } from '../../canonical/event.ts'
import type { Json } from '../../canonical/json.ts'

/** An answer in canonical words, put together from its events. */
export interface Folded {
  readonly open: OpenEvent | undefined
  readonly choices: readonly FoldedChoice[]
  readonly usage: UsageEvent | undefined
  /** Where the events break their grammar (`canonical/event.ts`). */
  readonly faults: readonly string[]
}

export interface FoldedChoice {
  readonly blocks: readonly FoldedBlock[]
  readonly close: CloseEvent | undefined
}

export interface FoldedBlock {
  readonly opening: BlockOpening
  readonly text: string
  readonly argumentsText: string
  readonly signature: string
  readonly audioBase64: string
  readonly citations: readonly Json[]
  readonly logprobs: readonly Json[]
  readonly opaque: readonly Json[]
}

/** Puts events together and notes every event that comes where the grammar has no place for it. */
export function foldEvents(events: Iterable<ReplyEvent>): Folded {
  const folding = new Folding()
  for (const event of events) folding.take(event)
  return folding.result()
}

class Folding {
  readonly #choices = new Map<number, Choice>()
  readonly #faults: string[] = []
  #open: OpenEvent | undefined
  #usage: UsageEvent | undefined
  #hasBegun = false

  take(event: ReplyEvent): void {
    if (event.kind !== 'ping' && event.kind !== 'open' && !this.#open && !this.#hasBegun)
      this.#fault('something comes before `open`')
    if (event.kind !== 'ping') this.#hasBegun = true
    switch (event.kind) {
      case 'open':
        if (this.#open) this.#fault('`open` comes twice')
        this.#open ??= event
        return
      case 'block-start':
        return this.#start(event.choice, event.block, event.content)
      case 'block-delta':
        return this.#delta(event.choice, event.block, event.delta)
      case 'block-end':
        return this.#end(event.choice, event.block)
      case 'close':
        return this.#close(event)
      case 'usage':
        this.#usage = event
        return
      case 'ping':
        return
    }
  }

  result(): Folded {
    const choices = [...this.#choices].toSorted(([left], [right]) => left - right).map(([, choice]) => choice)
    for (const { open, close } of choices) {
      if (open.size > 0) this.#fault('a block is never ended')
      if (!close) this.#fault('a choice is never closed')
    }
    return { open: this.#open, choices, usage: this.#usage, faults: [...new Set(this.#faults)] }
  }

  #start(choice: number, block: number, opening: BlockOpening): void {
    const chosen = this.#choice(choice)
    if (!mayStandBeside(chosen, opening)) this.#fault('a block starts inside another')
    if (chosen.close) this.#fault('a block starts after `close`')
    if (block !== chosen.blocks.length) this.#fault('blocks are not counted from 0, one by one')
    chosen.open.add(block)
    chosen.blocks[block] = {
      opening,
      text: '',
      argumentsText: '',
      signature: '',
      audioBase64: '',
      citations: [],
      logprobs: [],
      opaque: [],
    }
  }

  #delta(choice: number, block: number, delta: Delta): void {
    const chosen = this.#choice(choice)
    const into = chosen.blocks[block]
    if (!chosen.open.has(block)) this.#fault('a delta belongs to no open block')
    if (into) add(into, delta)
  }

  #end(choice: number, block: number): void {
    const chosen = this.#choice(choice)
    if (!chosen.open.delete(block)) this.#fault('a block ends that is not open')
  }

  #close(event: CloseEvent): void {
    const chosen = this.#choice(event.choice)
    if (chosen.open.size > 0) this.#fault('`close` comes inside a block')
    if (chosen.close) this.#fault('`close` comes twice')
    chosen.close = event
  }

  #choice(index: number): Choice {
    const known = this.#choices.get(index)
    if (known) return known
    const choice: Choice = { blocks: [], close: undefined, open: new Set() }
    this.#choices.set(index, choice)
    return choice
  }

  #fault(what: string): void {
    this.#faults.push(what)
  }
}

interface Choice {
  readonly blocks: MutableBlock[]
  close: CloseEvent | undefined
  readonly open: Set<number>
}

/** Only calls, also those in the words of their own dialect, are open together. */
function mayStandBeside({ open, blocks }: Choice, opening: BlockOpening): boolean {
  return [...open].every((block) => isCall(opening) && isCall(blocks[block]?.opening))
}

function isCall(opening: BlockOpening | undefined): boolean {
  return opening?.kind === 'tool-use' || opening?.kind === 'opaque'
}

type MutableBlock = { -readonly [Key in keyof FoldedBlock]: FoldedBlock[Key] }

function add(block: MutableBlock, delta: Delta): void {
  switch (delta.kind) {
    case 'text':
      block.text += delta.text
      return
    case 'arguments':
      block.argumentsText += delta.text
      return
    case 'signature':
      block.signature += delta.signature
      return
    case 'audio':
      block.audioBase64 += delta.base64
      return
    case 'citation':
      block.citations = [...block.citations, delta.citation]
      return
    case 'logprobs':
      block.logprobs = [...block.logprobs, delta.logprobs]
      return
    case 'opaque':
      block.opaque = [...block.opaque, delta.wire]
      return
  }
}
