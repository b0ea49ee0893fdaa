import type { BlockDelta, BlockOpening, BlockStart, Delta, ReplyEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { kindOf } from './read-parts.ts'
import { dialectName } from './own.ts'
import { PartialArguments } from './partial-arguments.ts'

/**
 * The parts of one candidate as events, of a body as of a stream. Parts of text that follow one another are one block; a signature
 * ends it, since it is of what it came with.
 */
export class CandidateReader {
  readonly #choice: number
  #blocks = 0
  #calls = 0
  #open: { readonly kind: BlockOpening['kind']; readonly block: number } | undefined
  /** Of a call that is still being told. */
  #arguments: PartialArguments | undefined

  constructor(choice: number) {
    this.#choice = choice
  }

  get hasCalled(): boolean {
    return this.#calls > 0
  }

  /** @param responseId for the ids of calls that have none. */
  read(part: Json, path: string, responseId: string): readonly ReplyEvent[] {
    if (!isJsonObject(part)) return []
    const { text, thought, functionCall, inlineData } = part
    if (isJsonObject(functionCall)) return this.#readCall(functionCall, part, path, responseId)
    if (typeof text === 'string') return this.#readText(text, thought === true ? 'thought' : 'text', part, path)
    const url = isJsonObject(inlineData) ? pictureUrl(inlineData) : undefined
    const opening: BlockOpening =
      url === undefined ? { kind: 'opaque', type: kindOf(part), wire: part } : { kind: 'image', url }
    const keys = url === undefined ? '' : 'inlineData'
    return [...this.end(), ...this.#start(opening, part, path, keys), ...this.end()]
  }

  /** Ends the block that is open. */
  end(): readonly ReplyEvent[] {
    const open = this.#open
    if (!open) return []
    const rest = this.#arguments ? [this.#delta({ kind: 'arguments', text: this.#arguments.text })] : []
    this.#arguments = undefined
    this.#open = undefined
    return [...rest, { kind: 'block-end', choice: this.#choice, block: open.block }]
  }

  #readText(text: string, kind: 'text' | 'thought', part: JsonObject, path: string): readonly ReplyEvent[] {
    const { thoughtSignature: signature } = part
    const isSigned = typeof signature === 'string' && signature !== ''
    const isSilent = text === '' && !isSigned && Object.keys(part).every((key) => knownOfText.has(key))
    if (isSilent) return []
    const isContinued = this.#open?.kind === kind
    const started = isContinued ? [] : [...this.end(), ...this.#start({ kind }, part, path, textKeys)]
    const said = text === '' ? [] : [this.#textDelta(text, part, path, isContinued)]
    if (!isSigned) return [...started, ...said]
    const signed = this.#delta({ kind: 'signature', signature })
    const heard = { dialect: dialectName, wire: signature, path: `${path}.thoughtSignature`, heard: { delta: '' } }
    return [...started, ...said, hear(signed, { ...heard, unheard: [] }), ...this.end()]
  }

  /** What the first part of a block holds besides its text was heard with its start. */
  #textDelta(text: string, part: JsonObject, path: string, isContinued: boolean): BlockDelta {
    const delta = this.#delta({ kind: 'text', text })
    const unheard = isContinued ? Object.keys(part).filter((key) => !knownOfText.has(key)) : []
    if (unheard.length === 0) return delta
    return hear(delta, { dialect: dialectName, wire: part, path, heard: { delta: 'text' }, unheard })
  }

  #readCall(call: JsonObject, part: JsonObject, path: string, responseId: string): readonly ReplyEvent[] {
    const { id, name, args, partialArgs, willContinue } = call
    const { thoughtSignature: signature } = part
    let started: readonly ReplyEvent[] = []
    if (typeof name === 'string' && name !== '') {
      const opening: BlockOpening = {
        kind: 'tool-use',
        id: typeof id === 'string' && id !== '' ? id : `call_${responseId}_${this.#choice}_${this.#calls}`,
        name,
        signature: typeof signature === 'string' && signature !== '' ? signature : undefined,
      }
      this.#calls++
      started = [...this.end(), ...this.#start(opening, part, path, callKeys)]
      this.#arguments = new PartialArguments()
    }
    if (!this.#arguments) return started
    if (isJsonObject(args)) this.#arguments.put(args)
    for (const piece of isJsonArray(partialArgs) ? partialArgs : []) this.#arguments.add(piece)
    return willContinue === true ? started : [...started, ...this.end()]
  }

  #start(content: BlockOpening, wire: JsonObject, path: string, keys: string): readonly BlockStart[] {
    const block = this.#blocks++
    this.#open = { kind: content.kind, block }
    const event: BlockStart = { kind: 'block-start', choice: this.#choice, block, content }
    const heard = { content: content.kind === 'opaque' ? '' : (keys.split(' ')[0] ?? ''), '': keys }
    const unheard = content.kind === 'opaque' ? { unheard: [] } : {}
    return [hear(event, { dialect: dialectName, wire, path, heard, ...unheard })]
  }

  #delta(delta: Delta): BlockDelta {
    return { kind: 'block-delta', choice: this.#choice, block: this.#open?.block ?? 0, delta }
  }
}

const textKeys = 'text thought thoughtSignature'
const knownOfText: ReadonlySet<string> = new Set(textKeys.split(' '))
const callKeys =
  'functionCall.name functionCall.id functionCall.args functionCall.partialArgs functionCall.willContinue thoughtSignature'

function pictureUrl({ mimeType, data }: JsonObject): string | undefined {
  if (typeof mimeType !== 'string' || typeof data !== 'string' || !mimeType.startsWith('image/')) return undefined
  return `data:${mimeType};base64,${data}`
}
