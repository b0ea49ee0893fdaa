import type { Block, ChatCall, Message, ToolResultBlock, ToolUseBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { loseBlock } from '../../shared/translation/lose-block.ts'
import { toldTogether } from '../../shared/translation/told-together.ts'
import { ToldTurns } from '../../shared/translation/told-turns.ts'
import { generationOf, type Generation } from './generations.ts'
import { legalName } from './tool-names.ts'
import { callWords, writePart } from './write-parts.ts'
import { resultWords } from './write-results.ts'

export interface Turns {
  /** The `systemInstruction` field. */
  readonly system: JsonObject | undefined
  /** The `contents` field. */
  readonly contents: readonly JsonObject[]
}

/**
 * Lays out a call of another dialect in turns as Google wants them: all words of the system first, then user and model by turns;
 * results of tools in a turn of their own that follows their calls.
 * @throws GatewayError `unsupported` where nothing of what is to be answered has a word here.
 */
export function layOutTurns(call: ChatCall, losses: Losses): Turns {
  const layout = new Layout(call, losses)
  for (const message of toldTogether(call.messages, losses)) layout.add(message)
  return layout.result()
}

interface Turn {
  readonly role: 'user' | 'model'
  readonly isResults: boolean
  readonly parts: Json[]
}

class Layout {
  readonly #losses: Losses
  readonly #generation: Generation
  /** The name of each call, which its result must repeat. */
  readonly #names: ReadonlyMap<string, string>
  readonly #system: Json[] = []
  readonly #turns: Turn[] = []
  /** What results could not hold, until the last one of their run is told: Google wants all of them in one turn. */
  readonly #attachments: Json[] = []
  readonly #told: ToldTurns
  #firstSystem: Message | undefined

  constructor({ modelName, messages }: ChatCall, losses: Losses) {
    this.#losses = losses
    this.#told = new ToldTurns(losses)
    this.#generation = generationOf(modelName)
    const calls = messages.flatMap(({ blocks }) => blocks.filter((block) => block.kind === 'tool-use'))
    this.#names = new Map(calls.map(({ id, name }) => [id, name]))
  }

  add(message: Message): void {
    this.#losses.account(message, ['role', 'blocks'])
    if (message.role === 'system' || message.role === 'developer') return this.#addSystem(message)
    this.#told.note(message, message.blocks.filter((block) => this.#tell(block, message)).length > 0)
  }

  result(): Turns {
    this.#tellAttachments()
    this.#told.check()
    // There must be a content: the words of the system are then all there is to answer.
    if (this.#turns.length === 0 && this.#firstSystem && this.#system.length > 0) {
      this.#losses.approximated(this.#firstSystem, 'role', 'told as the user’s, since nobody else says anything')
      return { system: undefined, contents: [{ role: 'user', parts: this.#system }] }
    }
    const system = this.#system.length === 0 ? undefined : { parts: this.#system }
    return { system, contents: this.#turns.map(({ role, parts }) => ({ role, parts })) }
  }

  #addSystem(message: Message): void {
    for (const block of message.blocks) {
      if (block.kind !== 'text' && block.kind !== 'refusal') {
        loseBlock(block, this.#losses, 'the words of the system are text only')
        continue
      }
      const part = writePart(block, this.#losses)
      if (part !== undefined) this.#system.push(part)
    }
    this.#firstSystem ??= message
    if (this.#turns.length > 0) this.#losses.approximated(message, 'role', 'moved up into the system instruction')
  }

  /** @returns whether the block is told. */
  #tell(block: Block, message: Message): boolean {
    const role = message.role === 'assistant' ? 'model' : 'user'
    if (role === 'user' && (block.kind === 'thought' || block.kind === 'tool-use')) {
      loseBlock(block, this.#losses, 'only the model can have said it')
      return false
    }
    if (block.kind === 'tool-result') return this.#tellResult(block, role)
    const part = block.kind === 'tool-use' ? this.#callPart(block) : writePart(block, this.#losses)
    if (part === undefined) return false
    this.#tellAttachments()
    this.#push(role, false, part)
    return true
  }

  #tellResult(block: ToolResultBlock, role: Turn['role']): boolean {
    if (role === 'model') {
      loseBlock(block, this.#losses, 'only the user can hand it in')
      return false
    }
    const name = this.#names.get(block.toolUseId)
    if (name === undefined) this.#losses.approximated(block, 'toolUseId', 'no call has this id: Google wants its name')
    const { part, attachments } = resultWords(block, legalName(name ?? block.toolUseId), this.#generation, this.#losses)
    this.#push('user', true, part)
    this.#attachments.push(...attachments)
    return true
  }

  #tellAttachments(): void {
    for (const attachment of this.#attachments.splice(0)) this.#push('user', false, attachment)
  }

  /** Of parallel calls the model signs the first only. One that it did not make has no signature of its own. */
  #callPart(block: ToolUseBlock): JsonObject {
    const last = this.#turns.at(-1)
    const said = last?.role === 'model' ? last.parts : []
    const isFirst = !said.some((part) => typeof part === 'object' && part !== null && 'functionCall' in part)
    const words = callWords(block, this.#losses)
    if (block.signature !== undefined || !isFirst || !this.#generation.needsSignatures) return words
    this.#losses.approximated(block, 'kind', 'the model has not signed it, and is told not to look for a signature')
    return { ...words, thoughtSignature: noSignature }
  }

  /** Into the turn that goes on, or a new one. */
  #push(role: Turn['role'], isResults: boolean, part: Json): void {
    const last = this.#turns.at(-1)
    if (last?.role === role && last.isResults === isResults) last.parts.push(part)
    else this.#turns.push({ role, isResults, parts: [part] })
  }
}

/** For calls "not generated by the API" (Google's page on thought signatures, read 2026-11; behaviour.md E1). */
const noSignature = 'skip_thought_signature_validator'
