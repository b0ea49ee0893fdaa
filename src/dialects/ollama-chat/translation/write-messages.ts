import type { Block, MediaBlock, Message, ToolResultBlock, ToolUseBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { BodyOrder, movedWhy } from '../../shared/translation/body-order.ts'
import { documentText } from '../../shared/translation/document-text.ts'
import { loseBlock } from '../../shared/translation/lose-block.ts'
import { several, single, type Draft } from '../../shared/translation/put.ts'
import { ToldTurns } from '../../shared/translation/told-turns.ts'
import { inputOf } from '../../shared/translation/tool-input.ts'
import { isOwn, dialectName } from './own.ts'
import { accountFor } from './pen.ts'

/**
 * The messages that say these. Results of tools are messages of their own here, and come before what else a turn says.
 * @throws GatewayError `unsupported` where nothing of what is to be answered has a word here.
 */
export function writeMessages(messages: readonly Message[], losses: Losses): readonly JsonObject[] {
  const names = namesOfCalls(messages)
  const told = new ToldTurns(losses)
  const wires = messages.flatMap((message) => {
    if (isOwn(message))
      return several(rewrite<Message>(message, dialectName, (one) => single(freshMessages(one, names, losses))))
    const written = freshMessages(message, names, losses).filter((wire) => says(wire, message))
    if (message.role !== 'system' && message.role !== 'developer') told.note(message, written.length > 0)
    return written
  })
  told.check()
  return wires
}

/** Only who was silent from the start may be so here, and not even the assistant. */
function says({ role, content, ...members }: JsonObject, { blocks }: Message): boolean {
  const isSilent = content === '' && Object.keys(members).length === 0
  return !isSilent || role === 'system' || (role === 'user' && !blocks.some((block) => block.kind !== 'text'))
}

/** The name of each call, which its result repeats. */
function namesOfCalls(messages: readonly Message[]): ReadonlyMap<string, string> {
  const calls = messages.flatMap(({ blocks }) => blocks.filter((block) => block.kind === 'tool-use'))
  return new Map(calls.map(({ id, name }) => [id, name]))
}

function freshMessages(message: Message, names: ReadonlyMap<string, string>, losses: Losses): readonly JsonObject[] {
  const { role, blocks } = message
  accountFor(message, ['role', 'blocks'], losses)
  if (role === 'developer') losses.approximated(message, 'role', 'told as the system’s')
  const results = blocks.filter((block) => block.kind === 'tool-result')
  const others = blocks.filter((block) => block.kind !== 'tool-result')
  const written = results.map((result) => writeResult(result, names, losses))
  if (results.length > 0 && others.length === 0) return written
  const speaker = role === 'developer' ? 'system' : role === 'tool' ? 'user' : role
  return [...written, writeTurn(message, speaker, others, losses)]
}

function writeTurn(message: Message, role: string, blocks: readonly Block[], losses: Losses): JsonObject {
  const members = new Members(role === 'assistant', losses)
  for (const block of blocks) members.add(block)
  return { role, ...members.written(isOwn(message)) }
}

function writeResult(result: ToolResultBlock, names: ReadonlyMap<string, string>, losses: Losses): JsonObject {
  const { toolUseId, blocks, isError } = result
  const members = new Members(false, losses)
  for (const block of blocks) members.add(block)
  const { content, ...pictures } = members.written(isOwn(result))
  const isFailed = isError === true && !isOwn(result)
  if (isFailed) losses.lost(result, 'isError', 'the target has no word for a failed result: its text alone tells')
  // A result is none of an error unless it is said to be.
  accountFor(result, ['kind', 'toolUseId', 'blocks', ...(isError === false ? (['isError'] as const) : [])], losses)
  const name = names.get(toolUseId)
  return {
    role: 'tool',
    // A failure about which the tool said nothing would look like a success.
    content: isFailed && content === '' ? 'error' : content,
    ...pictures,
    ...(name !== undefined && { tool_name: name }),
    tool_call_id: toolUseId,
  }
}

/** A message keeps its text, its pictures, its thoughts and its calls in a place of their own each. */
class Members {
  readonly #isAssistant: boolean
  readonly #losses: Losses
  readonly #order = new BodyOrder()
  readonly #texts: string[] = []
  readonly #thoughts: string[] = []
  readonly #pictures: Json[] = []
  readonly #calls: Json[] = []
  #last: Block['kind'] | undefined

  constructor(isAssistant: boolean, losses: Losses) {
    this.#isAssistant = isAssistant
    this.#losses = losses
  }

  add(block: Block): void {
    if (!this.#put(block)) return
    this.#last = block.kind
    if (isOwn(block)) return
    const path = originOf(block)?.path
    if (this.#order.isMoved(block.kind) && path !== undefined) this.#losses.note(path, 'approximated', movedWhy)
  }

  /** @param isOwnTurn whether what it does not hold may be left out altogether. */
  written(isOwnTurn: boolean): JsonObject & { readonly content: string } {
    const draft: Draft & { content: string } = { content: this.#texts.join(isOwnTurn ? '' : '\n\n') }
    if (this.#thoughts.length > 0) draft['thinking'] = this.#thoughts.join(isOwnTurn ? '' : '\n\n')
    if (this.#pictures.length > 0) draft['images'] = this.#pictures
    if (this.#calls.length > 0) draft['tool_calls'] = this.#calls
    return draft
  }

  /** @returns whether the block is told. */
  #put(block: Block): boolean {
    switch (block.kind) {
      case 'text':
        // An empty list of citations says nothing; others are in the wording of their dialect.
        accountFor(
          block,
          block.citations?.length === 0 ? ['kind', 'text', 'citations'] : ['kind', 'text'],
          this.#losses,
        )
        return this.#text(block.text)
      case 'refusal':
        accountFor(block, ['kind', 'text'], this.#losses)
        this.#losses.approximated(block, 'text', 'a refusal is told as text')
        return this.#texts.push(block.text) > 0
      case 'json':
        accountFor(block, ['kind', 'value'], this.#losses)
        return this.#texts.push(JSON.stringify(block.value)) > 0
      case 'image':
      case 'document':
      case 'audio':
        return this.#medium(block)
      case 'thought':
        return this.#thought(block)
      case 'tool-use':
        if (!this.#isAssistant) return this.#lose(block, 'only the model can have said it')
        return this.#calls.push(callWords(block, this.#losses)) > 0
      case 'opaque':
        if (!isOwn(block)) return this.#lose(block, `only its own dialect has a word for ${block.type}`)
        return this.#asItCame(block)
      case 'tool-result':
        return this.#lose(block, 'it has no place in this turn')
      default:
        return block satisfies never
    }
  }

  /** What the assistant says in one go may come in several blocks, as citations cut it; other texts are paragraphs. */
  #text(text: string): boolean {
    if (this.#isAssistant && this.#last === 'text') this.#texts.push((this.#texts.pop() ?? '') + text)
    else this.#texts.push(text)
    return true
  }

  #medium(block: MediaBlock): boolean {
    const { source } = block
    if (block.kind === 'document') return this.#document(block)
    if (block.kind !== 'image') return this.#lose(block, `the target has no word for ${block.kind}`)
    if (source.kind !== 'base64') return this.#lose(block, 'the target takes pictures by their bytes, and fetches none')
    accountFor(block, ['kind', 'source'], this.#losses)
    return this.#pictures.push(source.base64) > 0
  }

  #document(block: MediaBlock): boolean {
    const text = documentText(block, this.#losses, 'of documents the target is told the text')
    if (text === undefined) return this.#lose(block, 'of documents the target is told the text, and this one is none')
    // That nothing is to be cited is what happens anyway.
    const silent = block.wantsCitations === false ? (['wantsCitations'] as const) : []
    accountFor(block, ['kind', 'source', ...silent], this.#losses)
    this.#losses.approximated(block, 'source', 'a document is told as text')
    return this.#texts.push(text) > 0
  }

  #thought(block: Extract<Block, { kind: 'thought' }>): boolean {
    if (!this.#isAssistant) return this.#lose(block, 'only the model can have thought it')
    if (block.redactedData !== undefined) return this.#lose(block, 'the target has no word for an encrypted thought')
    if (block.text === '' && !isOwn(block)) return this.#lose(block, 'a thought of which nothing is told')
    accountFor(block, ['kind', 'text'], this.#losses)
    return this.#thoughts.push(block.text) > 0
  }

  #asItCame(block: Block): boolean {
    const origin = originOf(block)
    const list = origin?.path.includes('.tool_calls[') ? this.#calls : this.#pictures
    return list.push(origin?.wire ?? null) > 0
  }

  #lose(block: Block, why: string): false {
    loseBlock(block, this.#losses, why)
    return false
  }
}

function callWords(block: ToolUseBlock, losses: Losses): Json {
  return rewrite<ToolUseBlock>(block, dialectName, ({ id, name, argumentsText }) => {
    const { input, isExact } = inputOf(argumentsText)
    accountFor(block, ['kind', 'id', 'name', 'argumentsText'], losses)
    if (!isExact && !isOwn(block))
      losses.approximated(block, 'argumentsText', 'they are no JSON object: told as the text they are')
    return { id, function: { name, arguments: input } }
  })
}
