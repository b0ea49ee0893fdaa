import type { JsonObject } from '../../../canonical/json.ts'
import type { AnswerBlock, ItemStatus } from './answer-block.ts'

/** What a stream of our own has told of an item word for word, before there was a block of it or since. */
export interface ToldItem {
  readonly id: string | undefined
  /** Whether a part of its summary has been opened. */
  hasSummary: boolean
}

/** One item of a response while it grows: a message with all its parts, or another item, which is one block. */
export class AnswerItem {
  /** In the output. */
  readonly place: number
  readonly first: AnswerBlock
  /** `undefined` where nothing of it was told word for word. */
  readonly told: ToldItem | undefined
  readonly #blocks: AnswerBlock[]
  /** Whether a stream has told that it is done. */
  isDone = false
  #status: ItemStatus = 'completed'

  constructor(first: AnswerBlock, place: number, told?: ToldItem) {
    this.told = told
    this.first = first
    this.#blocks = [first]
    this.place = place
  }

  get id(): string {
    return this.told?.id ?? this.first.id
  }

  get hasEnded(): boolean {
    return this.#blocks.every(({ hasEnded }) => hasEnded)
  }

  /** Whether this block would be its next part. Messages of our own stay as many as they were. */
  takes(block: AnswerBlock): boolean {
    return this.first.isPart && block.isPart && this.first.ownItem === block.ownItem
  }

  /** @returns the place of the part among the others. */
  add(part: AnswerBlock): number {
    return this.#blocks.push(part) - 1
  }

  /** The answer was cut off in it. */
  cutOff(): void {
    this.#status = 'incomplete'
  }

  /** As it stands before anything is in it. */
  opening(): JsonObject {
    return this.first.isPart ? this.#message('in_progress', []) : this.first.opening()
  }

  whole(): JsonObject {
    if (!this.first.isPart) return this.first.whole(this.#status)
    return this.#message(
      this.#status,
      this.#blocks.map((part) => part.whole(this.#status)),
    )
  }

  #message(status: ItemStatus, content: readonly JsonObject[]): JsonObject {
    return { id: this.id, type: 'message', status, role: 'assistant', content }
  }
}
