import { estimateOutput } from '../accounting/estimate.ts'
import type { JsonObject } from '../canonical/json.ts'
import type { HeardFrame, UsageEvent } from '../canonical/event.ts'
import { Losses, type Loss } from '../canonical/loss.ts'
import { edit } from '../canonical/origin.ts'
import { noUsage } from '../canonical/usage.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { AnswerSettings, ChatTranslation } from '../dialects/translation.ts'
import { framed, type Framing } from '../wire/framing.ts'
import type { AnswerTranslator } from './answer-translator.ts'
import { AskedAnswer, rulesOfHere, type AskingRules, type StreamHalves } from './guards/asked-answer.ts'
import { guardWhole, StreamGuard } from './guards/guard-answer.ts'
import { GuardedMedia } from './guards/guard-media-frames.ts'
import { OwnFrames } from './guards/guard-own-frames.ts'
import type { AnswerRules } from './guards/guard-input.ts'
import { retellingOf, type Retelling } from './retell-one-answer.ts'
import type { SaidUse } from './said-use.ts'

/** What becomes of an answer besides its wording. */
export interface AnswerWishes {
  /** Of the call, where the provider was told others: as the client wrote them, by the names that were told. */
  readonly toolNames?: ReadonlyMap<string, string> | undefined
  /** Guardrails that look at it. */
  readonly guard?: AnswerRules | undefined
}

/**
 * @param question as the client asked it.
 * @returns `undefined` when both sides speak the same dialect, and no guardrail looks at the answer: then the provider's own bytes travel.
 */
export function translatorFor(
  provider: Dialect,
  client: Dialect,
  question: JsonObject,
  settings: AnswerSettings,
  wishes: AnswerWishes = {},
): AnswerTranslator | undefined {
  const isSame = provider.name === client.name
  const { guard } = wishes
  if (isSame && !guard) return undefined
  const { elsewhere } = guard ?? {}
  if (guard && elsewhere) {
    const ofHere = { ...wishes, guard: rulesOfHere(guard) }
    return new AskingTranslator(translatorBetween(provider, client, question, settings, ofHere), {
      ...guard,
      elsewhere,
    })
  }
  // Of another kind than chat: nothing is worded anew but what guardrails change.
  if (isSame && guard && !provider.translation) return new GuardedMedia(guard)
  const translator = translatorBetween(provider, client, question, settings, wishes)
  return guard ? new GuardedTranslator(translator, guard) : translator
}

function translatorBetween(
  provider: Dialect,
  client: Dialect,
  question: JsonObject,
  settings: AnswerSettings,
  wishes: AnswerWishes,
): AnswerTranslator {
  const isSame = provider.name === client.name
  const retelling = isSame ? undefined : retellingOf(client, provider)
  if (retelling) return new OneAnswerTranslator(retelling, question, settings)
  if (provider.translation && client.translation) {
    const sides = { provider: provider.translation, client: client.translation, isSame }
    return new Translator(sides, settings, client.framing ?? 'sse', wishes)
  }
  if (isSame) return asItIs
  throw new Error(`answers of ${provider.name} cannot be translated to ${client.name}`)
}

/** An answer of another kind than chat, in its own dialect: never in pieces (`refuseUnseen`). */
const asItIs: AnswerTranslator = {
  whole: (body) => Buffer.from(JSON.stringify(body)),
  text: (body) => body,
  frame: () => undefined,
  ending: () => Buffer.alloc(0),
  losses: () => [],
}

/** Whole answers are looked at in the provider's words, so that nothing that only its dialect has a word for is overlooked. */
class GuardedTranslator implements AnswerTranslator {
  readonly #translator: AnswerTranslator
  readonly #guard: AnswerRules
  readonly #losses = new Losses()

  constructor(translator: AnswerTranslator, guard: AnswerRules) {
    this.#translator = translator
    this.#guard = guard
  }

  whole(body: JsonObject, said: SaidUse): Buffer {
    return this.#translator.whole(guardWhole(body, this.#guard, this.#losses), said)
  }

  text(body: Buffer): Buffer {
    const { text } = guardWhole({ text: body.toString('utf8') }, this.#guard)
    return typeof text === 'string' ? this.#translator.text(Buffer.from(text)) : body
  }

  frame(event: string, data: Buffer): Buffer | undefined {
    return this.#translator.frame(event, data)
  }

  ending(said: SaidUse): Buffer {
    return this.#translator.ending(said)
  }

  losses(): readonly Loss[] {
    return [...this.#losses.list(), ...this.#translator.losses()]
  }
}

/** Nothing is passed on by it: all that comes waits until guards elsewhere have been asked. */
class AskingTranslator implements AnswerTranslator {
  readonly asked: AskedAnswer
  readonly #translator: AnswerTranslator

  constructor(translator: AnswerTranslator, guard: AskingRules) {
    this.#translator = translator
    this.asked = new AskedAnswer(guard, translator, translator.halves)
  }

  whole(): Buffer {
    throw new Error('a whole answer that guards elsewhere look at was not asked about')
  }

  text(): Buffer {
    throw new Error('a text that guards elsewhere look at was not asked about')
  }

  frame(event: string, data: Buffer): undefined {
    this.asked.hear(event, data)
  }

  ending(said: SaidUse): Buffer {
    this.asked.heardAll(said)
    return Buffer.alloc(0)
  }

  losses(): readonly Loss[] {
    return [...this.asked.losses.list(), ...this.#translator.losses()]
  }
}

/** Nothing is streamed. */
class OneAnswerTranslator implements AnswerTranslator {
  readonly #retelling: Retelling
  readonly #question: JsonObject
  readonly #settings: AnswerSettings
  readonly #losses = new Losses()

  constructor(retelling: Retelling, question: JsonObject, settings: AnswerSettings) {
    this.#retelling = retelling
    this.#question = question
    this.#settings = settings
  }

  whole(body: JsonObject): Buffer {
    return Buffer.from(JSON.stringify(this.#retelling.answer(body, this.#question, this.#losses, this.#settings)))
  }

  text(body: Buffer): Buffer {
    return body
  }

  frame(): undefined {
    return undefined
  }

  ending(): Buffer {
    return Buffer.alloc(0)
  }

  losses(): readonly Loss[] {
    return this.#losses.list()
  }
}

class Translator implements AnswerTranslator, StreamHalves {
  readonly #sides: {
    readonly provider: ChatTranslation
    readonly client: ChatTranslation
    /** Both speak it: a whole answer needs no other words. */
    readonly isSame: boolean
  }
  readonly #settings: AnswerSettings
  readonly #framing: Framing
  readonly #toolNames: ReadonlyMap<string, string>
  readonly #losses = new Losses()
  readonly #guard: StreamGuard | undefined
  /** Frames that go on word for word, where a guardrail looks at the answer. */
  readonly #own: OwnFrames | undefined
  #stream:
    | {
        readonly reader: ReturnType<ChatTranslation['openEvents']>
        readonly writer: ReturnType<ChatTranslation['openFrames']>
      }
    | undefined

  constructor(
    sides: { readonly provider: ChatTranslation; readonly client: ChatTranslation; readonly isSame: boolean },
    settings: AnswerSettings,
    framing: Framing,
    { toolNames = new Map(), guard }: AnswerWishes,
  ) {
    this.#sides = sides
    this.#settings = settings
    this.#framing = framing
    this.#toolNames = toolNames
    this.#guard = guard && new StreamGuard(guard, this.#losses, sides.client.joinsTexts)
    this.#own = guard && sides.isSame ? new OwnFrames(guard, this.#losses) : undefined
  }

  whole(body: JsonObject, said: SaidUse): Buffer {
    const { provider, client, isSame } = this.#sides
    if (isSame) return Buffer.from(JSON.stringify(body))
    const read = this.#renamed(provider.readAnswer(body))
    const guess = this.#guessedUsage(said)
    const answer = guess ? edit(read, { events: [...read.events, guess] }) : read
    return Buffer.from(JSON.stringify(client.writeAnswer(answer, this.#losses, this.#settings)))
  }

  text(body: Buffer): Buffer {
    return body
  }

  get halves(): StreamHalves {
    return this
  }

  get joinsTexts(): boolean {
    return this.#sides.client.joinsTexts ?? false
  }

  frame(event: string, data: Buffer): Buffer | undefined {
    return this.#worded(this.hear(event, data))
  }

  ending(said: SaidUse): Buffer {
    const rest = this.#worded(this.due(said))
    return rest ? Buffer.concat([rest, this.end()]) : this.end()
  }

  hear(event: string, data: Buffer): readonly HeardFrame[] {
    const heard = this.#open().reader.read(event, data)
    if (typeof heard.wire === 'string' && !this.#sides.isSame) this.#noteUnread(heard.wire.trim())
    return this.#allowed(heard)
  }

  due(said: SaidUse): readonly HeardFrame[] {
    const guess = this.#guessedUsage(said)
    const events = [...this.#open().reader.end(), ...(guess ? [guess] : [])]
    const due = events.length === 0 ? [] : this.#allowed({ events, wire: undefined })
    return [...due, ...(this.#own?.end() ?? [])]
  }

  word(frame: HeardFrame): Buffer | undefined {
    return this.#worded([frame])
  }

  end(): Buffer {
    return framed(this.#open().writer.end(), this.#framing)
  }

  losses(): readonly Loss[] {
    return this.#losses.list()
  }

  /** For a client that must be told a usage, where the provider told none. The record says of its own that it is an estimate. */
  #guessedUsage(said: SaidUse): UsageEvent | undefined {
    const { client, isSame } = this.#sides
    if (said.usage !== undefined || isSame || client.demandsUsage !== true) return undefined
    this.#losses.note('usage', 'approximated', 'the provider told none: it is estimated')
    const { estimatedInputTokens: inputUncached = 0 } = this.#settings
    const usage = { ...noUsage, inputUncached, outputText: estimateOutput(said) }
    return { kind: 'usage', usage, providerCostNanos: undefined, serviceTier: undefined }
  }

  /** What is no JSON can be passed on in its own dialect only. */
  #noteUnread(text: string): void {
    if (text !== '' && text !== '[DONE]') this.#losses.note('frame', 'lost', 'a frame of the stream is no JSON')
  }

  /** As the client may see it. */
  #allowed(frame: HeardFrame): readonly HeardFrame[] {
    const renamed = this.#renamed(frame)
    const guarded = this.#guard?.frame(renamed) ?? renamed
    return this.#own?.pass(renamed, guarded) ?? [guarded]
  }

  #worded(frames: readonly HeardFrame[]): Buffer | undefined {
    const { writer } = this.#open()
    const text = frames.map((frame) => writer.write(frame)).join('')
    return text === '' ? undefined : framed(text, this.#framing)
  }

  /** With the names of tools as the client wrote them. */
  #renamed(frame: HeardFrame): HeardFrame {
    if (this.#toolNames.size === 0) return frame
    const events = frame.events.map((event) => {
      if (event.kind !== 'block-start' || event.content.kind !== 'tool-use') return event
      const name = this.#toolNames.get(event.content.name)
      return name === undefined ? event : edit(event, { content: { ...event.content, name } })
    })
    return edit(frame, { events })
  }

  #open() {
    this.#stream ??= {
      reader: this.#sides.provider.openEvents(),
      writer: this.#sides.client.openFrames(this.#losses, this.#settings),
    }
    return this.#stream
  }
}
