import type { Block, Message, TextBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { loseBlock } from '../../lose-block.ts'
import { asObject, writeBlock } from './write-blocks.ts'
import { typeName } from './type-name.ts'

export interface Turns {
  /** Blocks of the system prompt. May be empty. */
  readonly system: readonly Json[]
  /** The `messages` field. */
  readonly messages: readonly JsonObject[]
}

/**
 * Lays out a call of another dialect in turns as Anthropic demands them: all words of the system first, then user and
 * assistant by turns, results of tools at the head of the user's turn that follows their calls.
 */
export function layOutTurns(messages: readonly Message[], losses: Losses): Turns {
  const layout = new Layout(losses)
  for (const message of messages) layout.add(message)
  return layout.result()
}

interface Turn {
  readonly role: 'user' | 'assistant'
  readonly results: Json[]
  readonly content: Json[]
}

class Layout {
  readonly #losses: Losses
  readonly #system: Json[] = []
  readonly #turns: Turn[] = []
  #firstSystem: Message | undefined
  /** The last block that was told, as the caller had it. */
  #lastBlock: Block | undefined

  constructor(losses: Losses) {
    this.#losses = losses
  }

  add(message: Message): void {
    this.#losses.account(message, ['role', 'blocks'])
    if (message.role === 'system' || message.role === 'developer') return this.#addSystem(message)
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const last = this.#turns.at(-1)
    const turn: Turn = last?.role === role ? last : { role, results: [], content: [] }
    const told = message.blocks.filter((block) => this.#tell(block, turn, message)).length
    if (told > 0 && turn !== last) this.#turns.push(turn)
    if (told > 0) return
    this.#losses.approximated(message, 'blocks', 'a turn that says nothing is left out')
    this.#losses.approximated(message, 'role', 'a turn that says nothing is left out')
  }

  result(): Turns {
    // "at least one message is required": the words of the system are then all there is to answer.
    if (this.#turns.length === 0 && this.#firstSystem && this.#system.length > 0) {
      this.#losses.approximated(this.#firstSystem, 'role', 'told as the user’s, since nobody else says anything')
      return { system: [], messages: [{ role: 'user', content: this.#system }] }
    }
    this.#trimLast()
    const messages = this.#turns.map(({ role, results, content }) => ({ role, content: [...results, ...content] }))
    return { system: this.#system, messages: messages.filter(({ content }) => content.length > 0) }
  }

  #addSystem(message: Message): void {
    const told = message.blocks.flatMap((block) => {
      if (block.kind === 'text' || block.kind === 'refusal') return writeBlock(block, this.#losses) ?? []
      loseBlock(block, this.#losses, 'the words of the system are text only')
      return []
    })
    this.#firstSystem ??= message
    this.#system.push(...told.map(asObject))
    if (this.#turns.length > 0) this.#losses.approximated(message, 'role', 'moved up into the system prompt')
  }

  /** @returns whether the block is told. */
  #tell(block: Block, turn: Turn, message: Message): boolean {
    const obstacle = obstacles[turn.role][block.kind]
    if (obstacle !== undefined) {
      loseBlock(block, this.#losses, obstacle)
      return false
    }
    const written = writeBlock(block, this.#losses)
    if (written === undefined) return false
    this.#lastBlock = block
    if (block.kind !== 'tool-result') turn.content.push(asObject(written))
    else {
      if (turn.content.length > 0)
        this.#losses.approximated(message, 'blocks', 'moved up to the head of the turn, before what was said')
      turn.results.push(asObject(written))
    }
    return true
  }

  /** "final assistant content cannot end with trailing whitespace": the answer goes on where it ends. */
  #trimLast(): void {
    const last = this.#turns.at(-1)
    const block = last?.role === 'assistant' ? last.content.at(-1) : undefined
    if (!last || !isJsonObject(block) || block['type'] !== 'text') return
    const text = typeName(block['text'])
    if (text.trimEnd() === text) return
    last.content[last.content.length - 1] = { ...block, text: text.trimEnd() }
    if (this.#lastBlock?.kind === 'text')
      this.#losses.approximated<TextBlock>(this.#lastBlock, 'text', 'without the white space at its end')
  }
}

const onlyAssistant = 'only the assistant can have said it'
const notAssistant = 'Anthropic does not take it from the assistant'

/** What has no place in a turn. */
const obstacles: Readonly<Record<Turn['role'], Readonly<Partial<Record<Block['kind'], string>>>>> = {
  user: { thought: onlyAssistant, 'tool-use': onlyAssistant },
  assistant: { image: notAssistant, document: notAssistant, audio: notAssistant, 'tool-result': notAssistant },
}
