import type { BlockDelta, BlockEnd, BlockOpening, BlockStart, Delta } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { dialectName } from './own.ts'
import { readDelta } from './read-delta.ts'
import { readOpening, type Opening } from './read-opening.ts'
import { inputOf } from '../../shared/translation/tool-input.ts'

/** One block of an answer on its way from the wire to events, which remember where in the answer they stood. */
export class HeardBlock {
  readonly opening: Opening
  readonly #wire: Json
  readonly #block: number
  readonly #path: string
  /** Pieces of the input of an opaque block, and what else came for it: it is told whole, when it has ended. */
  #opaqueInput = ''
  readonly #opaqueDeltas: Delta[] = []
  #citations = 0
  /** Whether arguments came as deltas: then those that the block began with are not told. */
  #hasArguments = false

  /** @param block its place among the canonical blocks. */
  constructor(wire: Json, block: number, path: string) {
    this.opening = readOpening(wire)
    this.#wire = wire
    this.#block = block
    this.#path = path
  }

  start(): readonly (BlockStart | BlockDelta)[] {
    const { content, deltas } = this.opening
    if (content.kind === 'opaque') return []
    const told = deltas.filter((delta) => delta.kind !== 'text' || delta.text !== '')
    return [this.#start(content), ...told.map((delta) => this.#event(delta))]
  }

  /** A delta as it stands on the wire. */
  delta(wire: JsonObject): readonly BlockDelta[] {
    const delta = readDelta(wire, this.opening.content.kind)
    if (delta === undefined) return []
    if (this.opening.content.kind !== 'opaque') return [this.#event(delta)]
    if (wire['type'] === 'input_json_delta' && typeof wire['partial_json'] === 'string')
      this.#opaqueInput += wire['partial_json']
    else this.#opaqueDeltas.push(delta)
    return []
  }

  /** With what is still due: an opaque block, or arguments. Empty ones are `{}`, also where the provider sent none. */
  end(): readonly (BlockStart | BlockDelta | BlockEnd)[] {
    const { content, input } = this.opening
    const ended = { kind: 'block-end', choice: 0, block: this.#block } as const
    if (content.kind === 'opaque')
      return [this.#start(this.#whole(content)), ...this.#opaqueDeltas.map((delta) => this.#event(delta)), ended]
    if (content.kind !== 'tool-use' || this.#hasArguments) return [ended]
    return [this.#event({ kind: 'arguments', text: JSON.stringify(input ?? {}) }), ended]
  }

  #whole(content: BlockOpening & { readonly kind: 'opaque' }): BlockOpening {
    if (this.#opaqueInput === '') return content
    return { ...content, wire: { ...content.wire, input: inputOf(this.#opaqueInput).input } }
  }

  #start(content: BlockOpening): BlockStart {
    const event: BlockStart = { kind: 'block-start', choice: 0, block: this.#block, content }
    const heard = { content: 'type', '': this.opening.keys }
    return hear(event, { dialect: dialectName, wire: this.#wire, path: this.#path, heard })
  }

  #event(delta: Delta): BlockDelta {
    const event: BlockDelta = { kind: 'block-delta', choice: 0, block: this.#block, delta }
    switch (delta.kind) {
      case 'arguments':
        this.#hasArguments = true
        return event
      case 'signature':
        return this.#heard(event, '.signature', delta.signature)
      case 'citation':
        return this.#heard(event, `.citations[${this.#citations++}]`, delta.citation)
      case 'opaque':
        return this.#heard(event, '', delta.wire)
      default:
        return event
    }
  }

  /** In a wording that a foreign writer must not pass on. */
  #heard(event: BlockDelta, place: string, wire: Json): BlockDelta {
    const path = `${this.#path}${place}`
    return hear(event, { dialect: dialectName, wire, path, heard: { delta: '' }, unheard: [] })
  }
}
