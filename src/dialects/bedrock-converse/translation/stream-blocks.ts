import type { BlockOpening, Delta, ReplyEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject, wordOf } from '../../../canonical/json.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { inputOf } from '../../shared/translation/tool-input.ts'
import { redactedText } from '../redacted.ts'
import { HeardBlock } from './heard-block.ts'
import { isSignature, pictureUrl, toolUseOpening } from './read-content.ts'
import { kindOf } from './read-texts.ts'

/**
 * The blocks of a streamed answer, which come one after the other. Only calls of tools, results and pictures open with an event of
 * their own; a text or a thought begins with its first delta.
 */
export class StreamBlocks {
  #open: OpenBlock | undefined
  #count = 0

  start(start: JsonObject, index: Json | undefined): readonly ReplyEvent[] {
    const due = this.endAll()
    const { toolUse } = start
    const opening = isJsonObject(toolUse) ? toolUseOpening(toolUse) : undefined
    if (opening !== undefined) return [...due, ...this.#tell(opening, index, start, toolUseKeys)]
    this.#open = { index, kind: kindOf(start), heard: undefined, start, deltas: [], hasArguments: false }
    return due
  }

  delta(delta: JsonObject, index: Json | undefined): readonly ReplyEvent[] {
    const kind = kindOfDelta(delta)
    const isMore = this.#open?.index === index && this.#open?.kind === kind
    // Some models begin with an empty text before they think (recorded 2026).
    if (!isMore && isSilent(delta)) return []
    const begun = isMore ? [] : this.#beginImplied(kind, index, delta)
    const open = this.#open
    if (!open) return begun
    const heard = open.heard
    if (!heard) {
      open.deltas.push(delta)
      return begun
    }
    const told = deltasOf(delta, heard.opening.content)
    if (told.some((one) => one.kind === 'arguments')) open.hasArguments = true
    return [...begun, ...told.map((one) => heard.delta(one))]
  }

  stop(index: Json | undefined): readonly ReplyEvent[] {
    return this.#open?.index === index ? this.endAll() : []
  }

  endAll(): readonly ReplyEvent[] {
    const open = this.#open
    this.#open = undefined
    if (!open) return []
    if (!open.heard) return this.#whole(open)
    const isCall = open.heard.opening.content.kind === 'tool-use'
    // Empty arguments are `{}`.
    const due = isCall && !open.hasArguments ? [open.heard.delta({ kind: 'arguments', text: '{}' })] : []
    return [...due, open.heard.end()]
  }

  /** A block that opens without an event. What can only be told whole waits until it has ended. */
  #beginImplied(kind: string, index: Json | undefined, delta: JsonObject): readonly ReplyEvent[] {
    const due = this.endAll()
    if (kind === 'text') return [...due, ...this.#tell({ kind: 'text' }, index, delta, 'text citation')]
    if (kind === 'thought') return [...due, ...this.#tell({ kind: 'thought' }, index, delta, thoughtKeys)]
    this.#open = { index, kind, heard: undefined, start: {}, deltas: [], hasArguments: false }
    return due
  }

  #tell(content: BlockOpening, index: Json | undefined, wire: JsonObject, keys: string): readonly ReplyEvent[] {
    const heard = this.#heard(content, wire, keys)
    const kind = content.kind === 'tool-use' ? 'toolUse' : content.kind
    this.#open = { index, kind, heard, start: wire, deltas: [], hasArguments: false }
    return [heard.start()]
  }

  #whole({ start, deltas }: OpenBlock): readonly ReplyEvent[] {
    const { content, wire } = wholeBlock(start, deltas)
    const heard = this.#heard(content, wire, content.kind === 'image' ? 'image.source.bytes image.format' : '')
    return [heard.start(), heard.end()]
  }

  #heard(content: BlockOpening, wire: JsonObject, keys: string): HeardBlock {
    const place = this.#count++
    return new HeardBlock({ content, wire, keys }, place, `output.message.content[${place}]`)
  }
}

interface OpenBlock {
  readonly index: Json | undefined
  readonly kind: string
  /** `undefined`: it is told when it has ended. */
  readonly heard: HeardBlock | undefined
  readonly start: JsonObject
  readonly deltas: JsonObject[]
  hasArguments: boolean
}

const toolUseKeys = 'toolUse.toolUseId toolUse.name toolUse.type'
const thoughtKeys = 'reasoningContent.text reasoningContent.signature'

/** A citation belongs to the text that it stands in. */
function kindOfDelta(delta: JsonObject): string {
  const { text, citation, reasoningContent } = delta
  if (typeof text === 'string' || citation !== undefined) return 'text'
  if (!isJsonObject(reasoningContent)) return kindOf(delta)
  return reasoningContent['redactedContent'] === undefined ? 'thought' : 'redacted'
}

function isSilent({ text, citation }: JsonObject): boolean {
  return text === '' && citation === undefined
}

function deltasOf(delta: JsonObject, { kind }: BlockOpening): readonly Delta[] {
  const { text, citation, reasoningContent, toolUse } = delta
  if (kind === 'text') {
    const said: readonly Delta[] = typeof text === 'string' && text !== '' ? [{ kind: 'text', text }] : []
    return citation === undefined ? said : [...said, { kind: 'citation', citation }]
  }
  if (kind === 'thought' && isJsonObject(reasoningContent)) {
    const { text: thought, signature } = reasoningContent
    const said: readonly Delta[] =
      typeof thought === 'string' && thought !== '' ? [{ kind: 'text', text: thought }] : []
    return isSignature(signature) ? [...said, { kind: 'signature', signature }] : said
  }
  const input = kind === 'tool-use' && isJsonObject(toolUse) ? toolUse['input'] : undefined
  return typeof input === 'string' && input !== '' ? [{ kind: 'arguments', text: input }] : []
}

/** As a body would hold it: what is told in pieces is put together. */
function wholeBlock(start: JsonObject, deltas: readonly JsonObject[]): { content: BlockOpening; wire: JsonObject } {
  const { toolUse, toolResult, image } = start
  const thoughts = deltas.map(({ reasoningContent }) => reasoningContent).filter((one) => isJsonObject(one))
  if (isJsonObject(toolUse)) {
    const text = deltas.map((delta) => (isJsonObject(delta['toolUse']) ? wordOf(delta['toolUse']['input'] ?? '') : ''))
    return opaque({ toolUse: { ...toolUse, input: inputOf(text.join('')).input } })
  }
  if (isJsonObject(toolResult)) {
    const content = deltas.flatMap((delta): readonly Json[] =>
      isJsonArray(delta['toolResult']) ? delta['toolResult'] : [],
    )
    return opaque({ toolResult: { ...toolResult, content } })
  }
  if (isJsonObject(image)) {
    const said = deltas.reduce<JsonObject>((all, delta) => ({ ...all, ...partOf(delta['image']) }), image)
    const url = pictureUrl(said['format'], said['source'])
    return url === undefined ? opaque({ image: said }) : { content: { kind: 'image', url }, wire: { image: said } }
  }
  if (thoughts.length > 0) {
    const redactedContent = thoughts.map((one) => wordOf(one['redactedContent'] ?? '')).join('')
    const wire = { reasoningContent: { redactedContent } }
    const data = redactedText(redactedContent)
    return data === undefined ? opaque(wire) : { content: { kind: 'redacted-thought', data }, wire }
  }
  return opaque(Object.assign({}, start, ...deltas))
}

function opaque(wire: JsonObject): { content: BlockOpening; wire: JsonObject } {
  return { content: { kind: 'opaque', type: kindOf(wire), wire }, wire }
}

function partOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}
