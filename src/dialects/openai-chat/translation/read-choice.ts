import type { ReplyEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject, wordOf } from '../../../canonical/json.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { BlockSequence, type Place } from '../../shared/translation/block-sequence.ts'
import type { ChoiceEvents } from '../../vendors/openai/choices.ts'
import { CallReader } from './read-called.ts'
import { ThoughtReader } from './read-thinking.ts'
import { readClose } from './stop-reasons.ts'
import { dialectName } from './own.ts'
import { isEmpty, unknownKeys } from '../../shared/translation/unknown-keys.ts'

export class ChoiceReader implements ChoiceEvents {
  readonly #index: number
  readonly #path: string
  readonly #blocks: BlockSequence
  readonly #thoughts: ThoughtReader
  readonly #calls: CallReader
  readonly #unheard = new Set<string>()
  #isClosed = false

  /**
   * @param path where the choice stands in the answer.
   * @param replyId makes ids for calls that came without one.
   */
  constructor(index: number, path: string, replyId: string) {
    this.#index = index
    this.#path = path
    this.#blocks = new BlockSequence(dialectName, index)
    this.#thoughts = new ThoughtReader(this.#blocks, path, this.#unheard)
    this.#calls = new CallReader(this.#blocks, path, `${replyId}_${index}`)
  }

  readWhole(choice: JsonObject): readonly ReplyEvent[] {
    const { message, text } = choice
    this.#readPiece(isJsonObject(message) ? message : {}, choice, true)
    // A body of the older completions, from a router that does not turn it into chat.
    if (!isJsonObject(message) && typeof text === 'string') this.#text('text', text)
    this.#close(choice)
    return this.#blocks.take()
  }

  readDelta(choice: JsonObject): readonly ReplyEvent[] {
    const { delta, finish_reason: reason } = choice
    this.#readPiece(isJsonObject(delta) ? delta : {}, choice, false)
    if (!isEmpty(reason)) this.#close(choice)
    return this.#blocks.take()
  }

  end(): readonly ReplyEvent[] {
    this.#close({})
    return this.#blocks.take()
  }

  #readPiece(piece: JsonObject, choice: JsonObject, isWhole: boolean): void {
    const { content, refusal, audio, images, annotations } = piece
    for (const key of unknownKeys(piece, knownOfPiece)) this.#unheard.add(`message.${key}`)
    for (const key of unknownKeys(choice, knownOfChoice)) this.#unheard.add(key)
    // vLLM: the number of the token that ended it.
    if (typeof choice['stop_reason'] === 'number') this.#unheard.add('stop_reason')
    this.#thoughts.read(piece)
    if (typeof content === 'string') this.#text('text', content)
    else if (isJsonArray(content)) this.#readParts(content)
    if (typeof refusal === 'string') this.#text('refusal', refusal)
    if (isJsonArray(annotations)) this.#readAnnotations(annotations)
    const { logprobs: odds } = choice
    const isOfText = hasOdds(odds) && (this.#blocks.kind === 'text' || this.#blocks.kind === 'refusal')
    if (isOfText) this.#readOdds(odds)
    if (isJsonObject(audio)) this.#readAudio(audio)
    if (isJsonArray(images)) for (const [index, image] of images.entries()) this.#readImage(image, index)
    this.#calls.read(piece, isWhole)
    // Of calls, which came without any text.
    if (hasOdds(odds) && !isOfText) this.#readOdds(odds)
  }

  #text(kind: 'text' | 'refusal', text: string): void {
    if (text === '') return
    if (this.#blocks.kind !== kind) this.#blocks.open({ kind })
    this.#blocks.delta({ kind: 'text', text })
  }

  /** Mistral's content. */
  #readParts(parts: readonly Json[]): void {
    for (const [index, part] of parts.entries()) {
      const { type, text } = isJsonObject(part) ? part : {}
      const path = `message.content[${index}]`
      if (type === 'text' && typeof text === 'string') {
        this.#text('text', text)
        if (isJsonObject(part)) for (const key of unknownKeys(part, knownOfText)) this.#unheard.add(`${path}.${key}`)
      } else if (!isJsonObject(part) || !this.#thoughts.readPart(part, path))
        this.#blocks.open(
          { kind: 'opaque', type: wordOf(type ?? 'part'), wire: isJsonObject(part) ? part : { value: part } },
          this.#place(path, part),
        )
    }
  }

  /** Citations belong to a text; what is not one (OpenRouter's parsed files) is only passed on. */
  #readAnnotations(annotations: readonly Json[]): void {
    for (const [index, annotation] of annotations.entries()) {
      const isCitation = isJsonObject(annotation) && annotation['type'] === 'url_citation'
      const place = this.#place(`message.annotations[${index}]`, annotation)
      if (this.#blocks.kind !== 'text') this.#blocks.open({ kind: 'text' })
      if (isCitation) this.#blocks.delta({ kind: 'citation', citation: annotation }, place)
      else this.#blocks.delta({ kind: 'opaque', wire: { annotations: [annotation] } }, place)
    }
  }

  #readOdds(logprobs: Json): void {
    if (this.#blocks.kind === undefined) this.#blocks.open({ kind: 'text' })
    this.#blocks.delta({ kind: 'logprobs', logprobs }, this.#place('logprobs', logprobs))
  }

  #readAudio(audio: JsonObject): void {
    const { data, transcript } = audio
    for (const key of unknownKeys(audio, knownOfAudio)) this.#unheard.add(`message.audio.${key}`)
    if (isEmpty(data) && isEmpty(transcript)) return
    if (this.#blocks.kind !== 'audio') this.#blocks.open({ kind: 'audio' }, this.#place('message.audio', audio))
    if (typeof data === 'string' && data !== '')
      this.#blocks.delta({ kind: 'audio', base64: data }, this.#place('message.audio.data', data))
    if (typeof transcript === 'string' && transcript !== '') this.#blocks.delta({ kind: 'text', text: transcript })
  }

  #readImage(image: Json, index: number): void {
    const path = `message.images[${index}]`
    const held = isJsonObject(image) ? image['image_url'] : undefined
    const url = isJsonObject(held) ? held['url'] : held
    const wire = isJsonObject(image) ? image : { value: image }
    if (typeof url !== 'string') this.#blocks.open({ kind: 'opaque', type: 'images', wire }, this.#place(path, image))
    else this.#blocks.open({ kind: 'image', url }, this.#place(path, image, unknownKeys(wire, knownOfImage)))
  }

  #close(choice: JsonObject): void {
    // OpenRouter says it again with the usage.
    if (this.#isClosed) return
    this.#isClosed = true
    this.#blocks.end()
    this.#calls.end()
    this.#blocks.tell(readClose(choice, this.#index, this.#path, [...this.#unheard]))
  }

  #place(path: string, wire: Json, unheard: readonly string[] = []): Place {
    return { wire, path: `${this.#path}.${path}`, unheard }
  }
}

const knownOfChoice: ReadonlySet<string> = new Set([
  'index',
  'message',
  'delta',
  'finish_reason',
  'native_finish_reason',
  'stop_reason',
  'logprobs',
  'text',
])

/** `function` members are looked at by their own reader. `channel` and `token_id` say again what the piece is. */
const knownOfPiece: ReadonlySet<string> = new Set([
  'role',
  'content',
  'refusal',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'annotations',
  'audio',
  'images',
  'tool_calls',
  'function_call',
  'channel',
  'token_id',
])

const knownOfText: ReadonlySet<string> = new Set(['type', 'text'])
const knownOfAudio: ReadonlySet<string> = new Set(['data', 'transcript'])
const knownOfImage: ReadonlySet<string> = new Set(['type', 'index', 'image_url', 'image_url.url'])

function hasOdds(logprobs: Json | undefined): logprobs is JsonObject {
  return isJsonObject(logprobs) && (!isEmpty(logprobs['content']) || !isEmpty(logprobs['refusal']))
}
