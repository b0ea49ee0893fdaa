import type { Block, JsonBlock, MediaBlock, Message, ToolResultBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { loseBlock } from '../../shared/translation/lose-block.ts'
import { toldTogether } from '../../shared/translation/told-together.ts'
import { leaveOut, ToldTurns } from '../../shared/translation/told-turns.ts'
import { assistantWords, type Said } from './own-messages.ts'
import { writeContent } from './write-content.ts'
import { writeDocument, writtenText } from './write-documents.ts'

/**
 * Lays out a call of another dialect as Cohere demands it: all words of the system first ("system turn must be the first in the
 * list", its page on errors, read 2026-11), each result of a tool as a message of its own, documents beside the messages.
 * @throws GatewayError `unsupported` where nothing of what is to be answered has a word here.
 */
export function layOutMessages(messages: readonly Message[], losses: Losses): Said {
  const layout = new Layout(losses)
  for (const message of toldTogether(messages, losses)) layout.add(message)
  const last = messages.at(-1)
  if (last?.role === 'assistant')
    losses.approximated(last, 'blocks', 'Cohere answers a turn of the assistant; it does not go on writing it')
  return layout.result()
}

class Layout {
  readonly #losses: Losses
  readonly #system: Block[] = []
  readonly #messages: JsonObject[] = []
  readonly #documents: Json[] = []
  readonly #told: ToldTurns
  #firstSystem: Message | undefined

  constructor(losses: Losses) {
    this.#losses = losses
    this.#told = new ToldTurns(losses)
  }

  add(message: Message): void {
    this.#losses.account(message, ['role', 'blocks'])
    if (message.role === 'system' || message.role === 'developer') return this.#addSystem(message)
    const before = this.#messages.length + this.#documents.length
    if (message.role === 'assistant') this.#addAssistant(message)
    else this.#addUser(message)
    this.#told.note(message, this.#messages.length + this.#documents.length > before)
  }

  result(): Said {
    this.#told.check()
    const system = writeContent(this.#system, this.#losses)
    // Somebody must ask: the words of the system are then all there is to answer.
    const isAlone = this.#messages.length === 0 && this.#firstSystem !== undefined && system.length > 0
    if (isAlone && this.#firstSystem)
      this.#losses.approximated(this.#firstSystem, 'role', 'told as the user’s, since nobody else says anything')
    const opening = { role: isAlone ? 'user' : 'system', content: system }
    return {
      messages: [...(system.length > 0 ? [opening] : []), ...this.#messages],
      documents: this.#documents,
    }
  }

  #addSystem(message: Message): void {
    const told = message.blocks.filter((block) => this.#isTold(block, 'system'))
    this.#firstSystem ??= message
    if (told.length === 0) leaveOut(message, this.#losses)
    if (told.length > 0 && this.#messages.length > 0)
      this.#losses.approximated(message, 'role', 'moved up to the words of the system that come first')
    this.#system.push(...told)
  }

  #addAssistant(message: Message): void {
    const told = message.blocks.filter((block) => this.#isTold(block, 'assistant'))
    const firstCall = told.findIndex(isCall)
    if (firstCall !== -1 && told.slice(firstCall).some((block) => !isCall(block)))
      this.#losses.approximated(message, 'blocks', 'what was said after a call is told before it')
    const texts = told.filter((block) => block.kind === 'text')
    // What is said before a call is Cohere's plan for it.
    const isPlan = (block: Block) => block.kind === 'text' && texts.length === 1 && told.some(isCall)
    const { role, ...words } = assistantWords(told, this.#losses, isPlan)
    if (Object.keys(words).length > 0) this.#messages.push({ role: role ?? 'assistant', ...words })
  }

  #addUser(message: Message): void {
    const content: Block[] = []
    // Somebody must ask: a turn of nothing but documents is told as their text.
    const isQuestion = message.blocks.some(({ kind }) => kind !== 'document')
    for (const block of message.blocks) {
      if (block.kind === 'tool-result') {
        if (content.length > 0)
          this.#losses.approximated(message, 'blocks', 'moved up, before what was said in the same turn')
        this.#messages.push(this.#resultWords(block))
      } else if (block.kind === 'document') content.push(...this.#addDocument(block, isQuestion))
      else if (block.kind === 'json') content.push(this.#asText(block))
      else if (this.#isTold(block, 'user')) content.push(block)
    }
    const written = writeContent(content, this.#losses)
    if (written.length > 0) this.#messages.push({ role: 'user', content: written })
  }

  /** @returns what is told of it among the messages. */
  #addDocument(block: MediaBlock, isBeside: boolean): readonly Block[] {
    const written = writeDocument(block, this.#losses)
    if (written === undefined) return []
    const where = isBeside ? 'beside the messages, where Cohere has its documents' : 'as the text of a message'
    this.#losses.approximated(block, 'source', `told ${where}`)
    if (!isBeside) return [plainText(writtenText(written))]
    this.#documents.push(written)
    return []
  }

  #resultWords(block: ToolResultBlock): JsonObject {
    const { toolUseId, isError, blocks } = block
    this.#losses.account(block, ['kind', 'toolUseId', 'blocks', ...(isError === true ? [] : (['isError'] as const))])
    const told = blocks.flatMap((inner): readonly Json[] => {
      if (inner.kind === 'document') {
        const document = writeDocument(inner, this.#losses)
        return document === undefined ? [] : [{ type: 'document', document }]
      }
      if (!this.#isTold(inner, 'tool')) return []
      const content = writeContent([inner], this.#losses)
      return typeof content === 'string' ? [{ type: 'text', text: content }] : content
    })
    const [only] = blocks
    const content = blocks.length === 1 && only?.kind === 'text' ? only.text : told
    return { role: 'tool', tool_call_id: toolUseId, content: content.length === 0 ? '' : content }
  }

  /** Content of the user's holds texts and pictures. */
  #asText(block: JsonBlock): Block {
    this.#losses.account(block, ['kind', 'value'])
    return plainText(JSON.stringify(block.value))
  }

  /** An empty text says nothing, and Cohere refuses a turn of nothing else. */
  #isTold(block: Block, role: Speaker): boolean {
    if (block.kind === 'text' && block.text === '') {
      this.#losses.account(block, ['kind', 'text'])
      return false
    }
    if (places[role].has(block.kind)) return true
    loseBlock(block, this.#losses, obstacles[role])
    return false
  }
}

type Speaker = 'system' | 'assistant' | 'user' | 'tool'

function plainText(text: string): Block {
  return { kind: 'text', text, citations: undefined, cache: undefined }
}

function isCall({ kind }: Block): boolean {
  return kind === 'tool-use'
}

/** What may stand in a turn (cohere-ai 8.1.0, `ChatMessageV2`). */
const places: Readonly<Record<Speaker, ReadonlySet<Block['kind']>>> = {
  system: new Set(['text', 'refusal']),
  assistant: new Set(['text', 'refusal', 'thought', 'tool-use']),
  user: new Set(['text', 'refusal', 'image']),
  tool: new Set(['text', 'refusal', 'json']),
}

const obstacles: Readonly<Record<Speaker, string>> = {
  system: 'the words of the system are text only',
  assistant: 'Cohere takes texts, thoughts and calls from the assistant',
  user: 'Cohere takes texts, pictures and documents from the user',
  tool: 'Cohere takes texts and documents as results of tools',
}
