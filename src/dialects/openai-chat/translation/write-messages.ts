import type { Block, MediaBlock, Message, ToolResultBlock, ToolUseBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { BodyOrder, movedWhy } from '../../shared/translation/body-order.ts'
import { withFoundTexts } from '../../shared/translation/found-texts.ts'
import { toldOtherwiseWhy } from '../../shared/translation/legal-names.ts'
import { put, several, single, type Draft } from '../../shared/translation/put.ts'
import { ToldTurns } from '../../shared/translation/told-turns.ts'
import { inputOfArguments } from '../../vendors/openai/custom-tools.ts'
import { legalName } from './tool-names.ts'
import { dialectName, isOwn, keyFor } from './own.ts'
import { accountFor, accountForText, putCacheMark, writeParts, type Pen } from './write-parts.ts'
import { memberOf, putThoughts, thoughtsAsParts } from './write-thoughts.ts'

/**
 * The messages that say these. One is mostly one; results of tools are messages of their own here, and come first, since they
 * must follow the calls they answer (API description 2.3.0).
 * @throws GatewayError `unsupported` where nothing of what is to be answered has a word here.
 */
export function writeMessages(messages: readonly Message[], pen: Pen): readonly JsonObject[] {
  const attached: Block[] = []
  const told = new ToldTurns(pen.losses)
  const wires = messages.flatMap((message, index) => {
    if (!isOwn(message)) {
      const written = freshMessages(message, pen, attached, holdsResults(messages[index + 1])).filter(says)
      if (!isOfSystem(message)) told.note(message, written.length > 0)
      return written
    }
    const written = rewrite<Message>(message, dialectName, (one) =>
      single(freshMessages(one, one === message ? pen : { ...pen, losses: new Losses() })),
    )
    return several(written)
  })
  told.check()
  return wires
}

/**
 * @param attached what results before could not hold, to which more may be added.
 * @param goOn whether more results follow: what these cannot hold waits for the last one, since nothing may stand between them.
 */
function freshMessages(message: Message, pen: Pen, attached: Block[] = [], goOn = false): readonly JsonObject[] {
  const results = message.blocks.filter((block) => block.kind === 'tool-result')
  const others = message.blocks.filter((block) => block.kind !== 'tool-result')
  accountFor(message, message.role === 'tool' ? [...turnFields] : [...turnFields, 'name'], pen)
  const answered = results.map((result) => writeResult(message, result, pen))
  const written = answered.map(({ wire }) => wire)
  if (message.role === 'assistant') return [...written, writeAssistant(message, others, pen)]
  attached.push(...answered.flatMap(({ attachments }) => attachments))
  const areOnlyResults = results.length > 0 && others.length === 0
  if (areOnlyResults && goOn) return written
  const rest = [...attached.splice(0), ...others]
  // Results of tools may be all there is, and then there is no turn to speak of.
  return areOnlyResults && rest.length === 0 ? written : [...written, writeTurn(message, rest, pen)]
}

function holdsResults(message: Message | undefined): boolean {
  if (message === undefined || message.role === 'assistant' || isOwn(message)) return false
  return message.blocks.some(({ kind }) => kind === 'tool-result')
}

const turnFields = ['role', 'blocks'] as const

/** A turn of the system, the developer or the user. One whose content is lost has none. */
function writeTurn(message: Message, blocks: readonly Block[], pen: Pen): JsonObject {
  const draft: Draft = { role: message.role === 'tool' ? 'user' : message.role }
  put(draft, 'name', message.name)
  const isTextOnly = isOfSystem(message) && !isOwn(message)
  putContent(draft, message, isTextOnly ? onlyText(blocks, pen) : sayable(blocks, pen), pen)
  if (blocks.length === 0 || isOwn(message) || isOfSystem(message)) draft['content'] ??= ''
  return draft
}

function isOfSystem({ role }: Message): boolean {
  return role === 'system' || role === 'developer'
}

/** A turn of the assistant needs words or calls; another one a content, which may be empty if its caller left it so. */
function says({ role, content, ...members }: JsonObject): boolean {
  if (role !== 'assistant') return content !== undefined
  const isEmpty = content === null || content === undefined || content === ''
  return !isEmpty || Object.keys(members).some((key) => key !== 'name')
}

function writeAssistant(message: Message, blocks: readonly Block[], pen: Pen): JsonObject {
  const wire = wireOf(message)
  const draft: Draft = { role: 'assistant' }
  put(draft, 'name', message.name)
  const members = Object.groupBy(blocks, (block) => memberFor(block, pen))
  nameMoved(blocks, pen)
  const { content = [], thoughts = [], refusal, calls, audio, images } = members
  putContent(draft, message, wire ? content : sayable(content, pen), pen, thoughtsAsParts(thoughts, pen))
  putThoughts(draft, thoughts, wire, pen)
  if (refusal) draft['refusal'] = writeRefusal(refusal, pen)
  for (const block of audio ?? [])
    if (block.kind === 'audio' && block.source.kind === 'file') put(draft, 'audio.id', block.source.fileId)
  if (images) draft['images'] = writeParts(images, pen)
  if (calls) putCalls(draft, calls, pen)
  // Without calls a turn must have a content.
  draft['content'] ??= calls ? null : ''
  return draft
}

/** Own blocks stood in these places when they came. */
function nameMoved(blocks: readonly Block[], { losses }: Pen): void {
  const order = new BodyOrder()
  for (const block of blocks) {
    const path = isOwn(block) ? undefined : originOf(block)?.path
    if (order.isMoved(block.kind) && path !== undefined) losses.note(path, 'approximated', movedWhy)
  }
}

type Member = 'nowhere' | 'content' | 'thoughts' | 'refusal' | 'calls' | 'audio' | 'images'

/** Where an own block came from; where a foreign one goes. */
function memberFor(block: Block, pen: Pen): Member {
  const own = memberOf(block)
  if (own !== undefined) return placeOfMember[own] ?? 'content'
  switch (block.kind) {
    case 'thought':
      return 'thoughts'
    case 'refusal':
      return 'refusal'
    case 'tool-use':
      return 'calls'
    case 'image':
    case 'document':
    case 'audio':
      pen.losses.whole(block, 'the target takes no media in a turn of the assistant')
      return 'nowhere'
    default:
      return 'content'
  }
}

const placeOfMember: Readonly<Record<string, Member>> = {
  reasoning_content: 'thoughts',
  reasoning: 'thoughts',
  reasoning_signature: 'thoughts',
  reasoning_details: 'thoughts',
  thinking_blocks: 'thoughts',
  refusal: 'refusal',
  tool_calls: 'calls',
  function_call: 'calls',
  audio: 'audio',
  images: 'images',
}

/** A plain text, in which it came or which does; otherwise a list of parts. Nothing, when there is nothing to say. */
function putContent(
  draft: Draft,
  message: Message,
  blocks: readonly Block[],
  pen: Pen,
  before: readonly JsonObject[] = [],
): void {
  const wire = wireOf(message)?.['content']
  const [first] = blocks
  const isPlain = blocks.length === 1 && first?.kind === 'text' && before.length === 0 && !Array.isArray(wire)
  if (isPlain && (first.cache === undefined || memberOfMark(first) === 'message')) {
    accountForText(first, ['cache'], pen)
    draft['content'] = first.text
    putCacheMark(draft, first, pen)
  } else if (blocks.length > 0 || before.length > 0) {
    const parts = [...before, ...writeParts(blocks, pen)]
    const [only] = parts
    const isBare = parts.length === 1 && only?.['type'] === 'text' && Object.keys(only).length === 2
    // What is left after losses may be a plain text after all.
    const text = isBare && !Array.isArray(wire) ? only['text'] : undefined
    if (typeof text === 'string') draft['content'] = text
    else if (parts.length > 0 || Array.isArray(wire)) draft['content'] = parts
  } else if (Array.isArray(wire)) draft['content'] = []
  else if (wire === '') draft['content'] = ''
}

/** The mark of a text that was the whole content stands on its message. */
function memberOfMark(block: { readonly cache: unknown }): 'message' | 'part' {
  const origin = originOf(block)
  return origin?.dialect === dialectName && typeof origin.wire === 'string' ? 'message' : 'part'
}

function onlyText(blocks: readonly Block[], pen: Pen): readonly Block[] {
  return sayable(blocks, pen).filter((block) => {
    if (block.kind === 'text' || block.kind === 'json') return true
    pen.losses.whole(block, 'a turn of the system holds text only')
    return false
  })
}

/** Without what has no place in this turn's content, which is accounted for. */
function sayable(blocks: readonly Block[], pen: Pen): readonly Block[] {
  return blocks.filter((block) => {
    if (isOwn(block)) return true
    switch (block.kind) {
      case 'text':
      case 'json':
      case 'image':
      case 'document':
      case 'audio':
        return true
      case 'opaque':
        pen.losses.whole(block, `only its own dialect has a word for ${block.type}`)
        return false
      default:
        pen.losses.whole(block, 'it has no place in this turn')
        return false
    }
  })
}

function writeRefusal(blocks: readonly Block[], pen: Pen): string {
  return blocks
    .map((block) => {
      if (block.kind !== 'refusal') return ''
      accountFor(block, ['text'], pen)
      return block.text
    })
    .join('')
}

function putCalls(draft: Draft, blocks: readonly Block[], pen: Pen): void {
  const older = blocks.filter((block) => memberOf(block) === 'function_call')
  const calls = blocks.filter((block) => memberOf(block) !== 'function_call')
  for (const block of older)
    if (block.kind === 'tool-use') draft['function_call'] = { name: block.name, arguments: block.argumentsText }
  if (calls.length > 0) draft['tool_calls'] = calls.flatMap((block) => writeCall(block, pen))
}

function writeCall(block: Block, pen: Pen): readonly Json[] {
  if (isOwn(block))
    return [rewrite<Block>(block, dialectName, (one) => (one.kind === 'tool-use' ? freshCall(one, pen) : null))]
  return block.kind === 'tool-use' ? [freshCall(block, pen)] : []
}

function freshCall(block: ToolUseBlock, pen: Pen): JsonObject {
  const { id, argumentsText, signature } = block
  if (keyFor(block, 'name', '') === 'custom.name')
    return { id, type: 'custom', custom: { name: block.name, input: inputOfArguments(argumentsText).input } }
  const name = isOwn(block) ? block.name : legalName(block.name)
  if (name !== block.name) pen.losses.approximated(block, 'name', toldOtherwiseWhy)
  const call: Draft = { id, type: 'function', function: { name, arguments: argumentsText } }
  const maySign = isOwn(block) || pen.words.has('extra_content')
  if (maySign) put(call, 'extra_content.google.thought_signature', signature)
  const carried = putCacheMark(call, block, pen)
  accountFor(block, ['id', 'name', 'argumentsText', ...(maySign ? (['signature'] as const) : []), ...carried], pen)
  return call
}

interface WrittenResult {
  readonly wire: JsonObject
  /** What a result of a tool cannot hold here. */
  readonly attachments: readonly Block[]
}

function writeResult(message: Message, given: ToolResultBlock, pen: Pen): WrittenResult {
  const result = isOwn(given) ? given : withFoundTexts(given, pen.losses)
  const wire = wireOf(message)
  const isFunction = wire?.['role'] === 'function'
  const draft: Draft = { role: isFunction ? 'function' : 'tool' }
  if (!isFunction) draft['tool_call_id'] = result.toolUseId
  put(draft, 'name', isFunction ? nameOf(wire) : message.name)
  const blocks = isOwn(result) ? result.blocks : result.blocks.filter((block) => !isMedia(block))
  putContent(draft, message, isOwn(result) ? blocks : onlyText(blocks, pen), pen)
  if (isOwn(result)) put(draft, 'is_error', result.isError)
  const isFailed = !isOwn(result) && result.isError === true
  // A failure about which the tool said nothing would look like a success.
  draft['content'] ??= isFailed ? 'error' : ''
  if (isFailed) pen.losses.lost(result, 'isError', 'the target has no word for a failed result: its text alone tells')
  const carried = putCacheMark(draft, result, pen)
  // A result is none of an error unless it is said to be.
  const known = result.isError === false ? (['isError'] as const) : []
  accountFor(result, ['toolUseId', 'blocks', ...known, ...carried], pen)
  const attachments = isOwn(result) ? [] : result.blocks.filter((block) => isMedia(block))
  // Results hold text only (API description 2.3.0): pictures and documents follow as a turn of the user.
  for (const block of attachments)
    pen.losses.approximated(block, 'source', 'it follows the results as a turn of the user')
  return { wire: draft, attachments }
}

function nameOf(wire: JsonObject | undefined): string | undefined {
  const name = wire?.['name']
  return typeof name === 'string' ? name : undefined
}

function isMedia(block: Block): block is MediaBlock {
  return block.kind === 'image' || block.kind === 'document' || block.kind === 'audio'
}

function wireOf(message: Message): JsonObject | undefined {
  const origin = originOf(message)
  return origin?.dialect === dialectName && isJsonObject(origin.wire) ? origin.wire : undefined
}
