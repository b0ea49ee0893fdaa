import type { Block, Message, TextBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { loseBlock } from './lose-block.ts'
import { ToldTurns } from './told-turns.ts'

/** How a dialect words what stands in its turns. */
export interface TurnWords {
  /** A block as it stands in a turn: none when it has no place, which `losses` then tells. */
  readonly write: (block: Block, losses: Losses) => readonly Json[]
  /** What has no place in a turn, and why. */
  readonly obstacles: Readonly<Record<Turn['role'], Readonly<Partial<Record<Block['kind'], string>>>>>
  /** Whether the model goes on with what the assistant said last. */
  readonly takesPrefill: boolean
}

export interface Turns {
  /** Blocks of the system prompt. May be empty. */
  readonly system: readonly Json[]
  /** The `messages` field. */
  readonly messages: readonly JsonObject[]
}

/**
 * Lays out a call of another dialect in turns as Anthropic and Bedrock demand them: all words of the system first, then user and
 * assistant by turns, results of tools at the head of the user's turn that follows their calls. Words of the system that end the
 * call after the assistant's turn are what is to be answered: they are told as the user's.
 * @throws GatewayError `unsupported` where nothing of what is to be answered has a word here.
 */
export function layOutTurns(messages: readonly Message[], losses: Losses, words: TurnWords): Turns {
  const layout = new Layout(losses, words)
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
  readonly #words: TurnWords
  readonly #system: Json[] = []
  readonly #turns: Turn[] = []
  readonly #told: ToldTurns
  #firstSystem: Message | undefined
  /** Words of the system since the assistant's turn, while nothing has been said after them. */
  #waiting: Message[] = []
  /** The last message and the last block that were told, as the caller had them. */
  #lastMessage: Message | undefined
  #lastBlock: Block | undefined

  constructor(losses: Losses, words: TurnWords) {
    this.#losses = losses
    this.#words = words
    this.#told = new ToldTurns(losses)
  }

  add(message: Message): void {
    this.#losses.account(message, ['role', 'blocks'])
    if (message.role !== 'system' && message.role !== 'developer')
      return this.#addTurn(message, message.role === 'assistant' ? 'assistant' : 'user')
    if (this.#turns.at(-1)?.role === 'assistant') this.#waiting.push(message)
    else this.#addSystem(message)
  }

  #addTurn(message: Message, role: Turn['role']): void {
    const last = this.#turns.at(-1)
    const turn: Turn = last?.role === role ? last : { role, results: [], content: [] }
    const isTold = message.blocks.filter((block) => this.#tell(block, turn, message)).length > 0
    this.#told.note(message, isTold)
    if (!isTold) return
    if (turn !== last) this.#turns.push(turn)
    this.#lastMessage = message
    this.#addWaiting()
  }

  result(): Turns {
    this.#answerWaiting()
    this.#told.check()
    // "at least one message is required": the words of the system are then all there is to answer.
    if (this.#turns.length === 0 && this.#firstSystem && this.#system.length > 0) {
      this.#losses.approximated(this.#firstSystem, 'role', 'told as the user’s, since nobody else says anything')
      return { system: [], messages: [{ role: 'user', content: this.#system }] }
    }
    this.#tellPrefill()
    this.#trimLast()
    const messages = this.#turns.map(({ role, results, content }) => ({ role, content: [...results, ...content] }))
    return { system: this.#system, messages: messages.filter(({ content }) => content.length > 0) }
  }

  #addWaiting(): void {
    for (const message of this.#waiting) this.#addSystem(message)
    this.#waiting = []
  }

  /** Moved up, they would leave the assistant the last word, which a model goes on with or refuses. */
  #answerWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const message of waiting) {
      this.#losses.approximated(message, 'role', 'told as the user’s, since nobody else speaks after the assistant')
      this.#addTurn(message, 'user')
    }
  }

  #addSystem(message: Message): void {
    const told = message.blocks.flatMap((block) => {
      if (block.kind === 'text' || block.kind === 'refusal') return this.#words.write(block, this.#losses)
      loseBlock(block, this.#losses, 'the words of the system are text only')
      return []
    })
    this.#firstSystem ??= message
    this.#system.push(...told)
    if (this.#turns.length > 0) this.#losses.approximated(message, 'role', 'moved up into the system prompt')
  }

  /** @returns whether the block is told. */
  #tell(block: Block, turn: Turn, message: Message): boolean {
    const obstacle = this.#words.obstacles[turn.role][block.kind]
    if (obstacle !== undefined) {
      loseBlock(block, this.#losses, obstacle)
      return false
    }
    const written = this.#words.write(block, this.#losses)
    if (written.length === 0) return false
    this.#lastBlock = block
    if (block.kind !== 'tool-result') turn.content.push(...written)
    else {
      if (turn.content.length > 0)
        this.#losses.approximated(message, 'blocks', 'moved up to the head of the turn, before what was said')
      turn.results.push(...written)
    }
    return true
  }

  /**
   * A prefill is told to a model that takes none too, which its provider refuses in clear words: to leave it out would ask for another
   * answer, to put words of the user's behind it would make them up, and whether a newer model takes it is a guess. As a loss by
   * name it keeps strict calls from such a target.
   */
  #tellPrefill(): void {
    if (this.#words.takesPrefill || this.#turns.at(-1)?.role !== 'assistant' || !this.#lastMessage) return
    this.#losses.approximated(
      this.#lastMessage,
      'role',
      'the model refuses a call that ends with the assistant’s words',
    )
  }

  /** "final assistant content cannot end with trailing whitespace": the answer goes on where it ends. */
  #trimLast(): void {
    const last = this.#turns.at(-1)
    const block = last?.role === 'assistant' ? last.content.at(-1) : undefined
    const text = isJsonObject(block) ? block['text'] : undefined
    if (!last || !isJsonObject(block) || typeof text !== 'string' || text.trimEnd() === text) return
    last.content[last.content.length - 1] = { ...block, text: text.trimEnd() }
    if (this.#lastBlock?.kind === 'text')
      this.#losses.approximated<TextBlock>(this.#lastBlock, 'text', 'without the white space at its end')
  }
}
