import type { AnswerBlock } from './answer-block.ts'
import { AnswerItem, type ToldItem } from './answer-item.ts'

/** A block and where it stands. */
export interface PlacedBlock {
  readonly block: AnswerBlock
  readonly item: AnswerItem
  /** Among the parts of its message; 0 in any other item. */
  readonly contentIndex: number
}

/**
 * The items of a response in the order of their first blocks. Texts and refusals in a row are the parts of one message, as OpenAI
 * tells them: clients take the last message for the whole answer.
 */
export class AnswerOutput {
  readonly #items: AnswerItem[] = []
  /** By their places: `output[2]`. */
  readonly #told = new Map<string, ToldItem>()

  get items(): readonly AnswerItem[] {
    return this.#items
  }

  get last(): AnswerItem | undefined {
    return this.#items.at(-1)
  }

  get hasCalls(): boolean {
    return this.#items.some(({ first }) => first.start.content.kind === 'tool-use')
  }

  add(block: AnswerBlock): PlacedBlock {
    const { last } = this
    if (last?.takes(block)) return { block, item: last, contentIndex: last.add(block) }
    const told = block.ownItem === undefined ? undefined : this.#told.get(block.ownItem)
    const item = new AnswerItem(block, this.#items.length, told)
    this.#items.push(item)
    return { block, item, contentIndex: 0 }
  }

  /** A stream of our own has told that this item begins: `output[2]`. */
  noteAdded(ownItem: string, id: string | undefined): void {
    this.#told.set(ownItem, { id, hasSummary: false })
  }

  /** A stream of our own has told that a part of its summary begins. */
  noteSummary(ownItem: string): void {
    const told = this.#told.get(ownItem)
    if (told === undefined) return
    if (told.hasSummary) this.#items.find(({ first }) => first.ownItem === ownItem)?.first.beginPart()
    told.hasSummary = true
  }

  /** A stream of our own has told that this item is done: `output[2]`. */
  noteDone(ownItem: string): void {
    const item = this.#items.find(({ first }) => first.ownItem === ownItem)
    if (item) item.isDone = true
  }
}
