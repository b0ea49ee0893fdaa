import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import type { BlockSequence, Place } from '../../shared/translation/block-sequence.ts'
import { inputOf } from '../../shared/translation/tool-input.ts'
import { unknownKeys } from '../../shared/translation/unknown-keys.ts'

/**
 * The calls of an answer. In a stream a call comes in pieces that its index holds together; recorded providers also repeat
 * id and name with every piece, send a call whole in one piece, leave the index out (Mistral), or give every call the index
 * 0 and tell them apart by their ids. Pieces of several calls may come mixed.
 */
export class CallReader {
  readonly #blocks: BlockSequence
  readonly #path: string
  readonly #idPrefix: string
  readonly #calls = new Map<string, Called>()
  #last: Called | undefined
  /** The call that started last. */
  #latest: Called | undefined
  #isWhole = false
  /** Of custom tools, by their index. */
  readonly #opaque = new Map<Json | undefined, number>()

  /** @param idPrefix for calls that came without an id: their client needs one to answer them. */
  constructor(blocks: BlockSequence, path: string, idPrefix: string) {
    this.#blocks = blocks
    this.#path = path
    this.#idPrefix = idPrefix
  }

  read(piece: JsonObject, isWhole: boolean): void {
    const { tool_calls: calls, function_call: older } = piece
    this.#isWhole = isWhole
    if (isJsonArray(calls))
      for (const [position, call] of calls.entries())
        this.#readCall(call, `${this.#path}.message.tool_calls[${position}]`, isWhole ? `whole ${position}` : undefined)
    // Of the time before tools: one call, without an id.
    if (isJsonObject(older)) this.#readCall({ function: older }, `${this.#path}.message.function_call`, 'function_call')
  }

  /** A call whose name never came is told all the same. */
  end(): void {
    for (const called of this.#calls.values()) if (called.block === undefined) this.#start(called, '')
    this.#blocks.end()
  }

  #readCall(call: Json, path: string, key: string | undefined): void {
    if (!isJsonObject(call)) return
    const { type, custom } = call
    if (isJsonObject(custom) || (typeof type === 'string' && type !== '' && type !== 'function'))
      return this.#readOpaque(call, path)
    const called = this.#find(call, path, key)
    const { name, arguments: given } = isJsonObject(call['function']) ? call['function'] : {}
    if (called.block === undefined && typeof name === 'string' && name !== '') this.#start(called, name)
    const text = typeof given === 'string' ? given : isJsonObject(given) ? JSON.stringify(given) : ''
    if (text === '') return
    called.said += text
    if (called.block === undefined) return
    // White space behind arguments that are whole says nothing.
    if (this.#blocks.isOpen(called.block) || text.trim() !== '')
      this.#blocks.deltaOf(called.block, { kind: 'arguments', text })
  }

  #find(call: JsonObject, path: string, given: string | undefined): Called {
    const { id: said, index, extra_content: extra } = call
    const id = typeof said === 'string' ? said : ''
    const key = given ?? (typeof index === 'number' ? `index ${index}` : id === '' ? undefined : `id ${id}`)
    const known = key === undefined ? this.#last : this.#calls.get(key)
    if (known && (id === '' || known.id === id || known.id === '')) {
      if (known.id === '') known.id = id
      this.#last = known
      return known
    }
    const called = {
      id,
      signature: signatureIn(extra),
      place: { wire: call, path, unheard: unknownKeys(call, knownOfCall(path)) },
      block: undefined,
      said: '',
    }
    this.#calls.set(key ?? `call ${this.#calls.size}`, called)
    this.#last = called
    return called
  }

  #start(called: Called, name: string): void {
    const { signature, place } = called
    const id = called.id === '' ? `${this.#idPrefix}_${this.#blocks.next}` : called.id
    this.#endWhole()
    called.block = this.#blocks.openCall({ kind: 'tool-use', id, name, signature }, place)
    if (called.said !== '') this.#blocks.delta({ kind: 'arguments', text: called.said })
    this.#latest = called
  }

  /** A call whose arguments are whole need not stay open for more: most providers tell one call after the other. */
  #endWhole(): void {
    const { block, said = '' } = this.#latest ?? {}
    if (block === undefined) return
    if (this.#isWhole || (said.trimEnd().endsWith('}') && inputOf(said).isExact)) this.#blocks.endOf(block)
  }

  /** A call of a custom tool: text that is no JSON. Its later pieces have its index, and no name. */
  #readOpaque(call: JsonObject, path: string): void {
    const { type, custom, index } = call
    const { name } = isJsonObject(custom) ? custom : {}
    const place = { wire: call, path, unheard: [] }
    const known = typeof name === 'string' ? undefined : this.#opaque.get(index)
    if (known !== undefined && this.#blocks.isOpen(known))
      return this.#blocks.deltaOf(known, { kind: 'opaque', wire: { tool_calls: [call] } }, place)
    const opening = { kind: 'opaque', type: typeof type === 'string' ? type : 'custom', wire: call } as const
    this.#opaque.set(index, this.#blocks.openCall(opening, place))
  }
}

interface Called {
  id: string
  readonly signature: string | undefined
  readonly place: Place
  /** `undefined` until its name has come. */
  block: number | undefined
  /** Its arguments so far, also those that came before the name. */
  said: string
}

function signatureIn(extra: Json | undefined): string | undefined {
  const google = isJsonObject(extra) ? extra['google'] : undefined
  const signature = isJsonObject(google) ? google['thought_signature'] : undefined
  return typeof signature === 'string' ? signature : undefined
}

function knownOfCall(path: string): ReadonlySet<string> {
  return path.endsWith('function_call') ? knownOfOlder : knownOfTool
}

const knownOfTool: ReadonlySet<string> = new Set([
  'id',
  'type',
  'index',
  'function.name',
  'function.arguments',
  'extra_content.google.thought_signature',
])

const knownOfOlder: ReadonlySet<string> = new Set(['function'])
