import type { BlockOpening, Delta, ReplyEvent } from '../../../canonical/event.ts'
import type { Json } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { dialectName } from './own.ts'

/** Where a block or a delta of an answer stood. */
export interface Place {
  readonly wire: Json
  readonly path: string
  /** Keys of the wire that were understood, separated by spaces. `undefined`: there are none to understand. */
  readonly keys?: string
}

/** Tells the blocks of an answer, one after the other: opening one ends the one before. */
export class BlockTeller {
  readonly #events: ReplyEvent[] = []
  #count = 0
  #kind: BlockOpening['kind'] | undefined
  #hasArguments = false
  /** Arguments that may still turn out to be `null`, which is how Cohere calls a tool that takes none (recorded 2026). */
  #held = ''

  /** Of the block that is open. */
  get kind(): BlockOpening['kind'] | undefined {
    return this.#kind
  }

  open(content: BlockOpening, { wire, path, keys }: Place): void {
    this.end()
    const heard = keys === undefined ? { content: '' } : { content: 'type', '': keys }
    const event: ReplyEvent = { kind: 'block-start', choice: 0, block: this.#count++, content }
    const unheard = keys === undefined ? { unheard: [] } : {}
    this.#events.push(hear(event, { dialect: dialectName, wire, path, heard, ...unheard }))
    this.#kind = content.kind
    this.#hasArguments = false
  }

  /** More of the open block. An empty text says nothing. */
  text(kind: 'text' | 'arguments', text: string): void {
    if (text === '' || this.#kind === undefined) return
    if (kind === 'text') return void this.#events.push(this.#deltaOf({ kind, text }))
    const all = this.#held + text
    this.#held = !this.#hasArguments && noArguments.startsWith(all) ? all : ''
    if (this.#held !== '') return
    this.#hasArguments = true
    this.#events.push(this.#deltaOf({ kind, text: all }))
  }

  /** In a wording that a foreign writer must not pass on. */
  delta(delta: Delta, { wire, path }: Place): void {
    const event = this.#deltaOf(delta)
    this.#events.push(hear(event, { dialect: dialectName, wire, path, heard: { delta: '' }, unheard: [] }))
  }

  /** Ends the open block. Empty arguments are `{}`. */
  end(): void {
    if (this.#kind === undefined) return
    if (this.#kind === 'tool-use' && !this.#hasArguments) {
      this.#hasArguments = true
      const text = argumentsIn(this.#held)
      this.#held = ''
      this.text('arguments', text)
    }
    this.#events.push({ kind: 'block-end', choice: 0, block: this.#count - 1 })
    this.#kind = undefined
  }

  /** What was told since it was last asked. */
  take(): readonly ReplyEvent[] {
    return this.#events.splice(0)
  }

  #deltaOf(delta: Delta): Extract<ReplyEvent, { kind: 'block-delta' }> {
    return { kind: 'block-delta', choice: 0, block: this.#count - 1, delta }
  }
}

/** Arguments as they are meant: none are `{}`. */
export function argumentsIn(text: string): string {
  return text === '' || text === noArguments ? '{}' : text
}

const noArguments = 'null'
