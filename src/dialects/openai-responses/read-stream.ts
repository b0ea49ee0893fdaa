import type { Call } from '../../canonical/call.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import type { Nanos } from '../../canonical/money.ts'
import type { Service } from '../../canonical/service.ts'
import type { Usage } from '../../canonical/usage.ts'
import type { FrameMeaning, StreamFacts, StreamReader, UpstreamProblem } from '../dialect.ts'
import { frameJson } from '../shared/frame-json.ts'
import { invalidReply, readFrameProblem, readProviderProblem } from '../shared/problems/provider-problem.ts'
import { TextFinder, textBytesOf } from '../shared/text-bytes.ts'
import { bytesOfItem } from './generated-bytes.ts'
import { factsOf, failureOf } from './read-reply.ts'
import { storedIn } from './read-state.ts'

export function openStream(_call: Call): StreamReader {
  return new ResponseStreamReader()
}

/**
 * Listens to the events of a response. Deltas, nearly all frames, are told by their event's name, and their text is measured
 * where it stands; what repeats a text that came in deltas is not counted again.
 */
class ResponseStreamReader implements StreamReader {
  readonly #text = new TextFinder(textKeys)
  #usage: Usage | undefined
  #costNanos: Nanos | undefined
  #modelName: string | undefined
  /** The first event tells what was wished, the last one what came of it. */
  #service: Service | undefined
  #problem: UpstreamProblem | undefined
  #hasContent = false
  #hasEnded = false
  #isUsageFinal = false
  #textBytes = 0
  #contentFrames = 0
  #stored: ReturnType<typeof storedIn> = {}

  read(event: string, data: Buffer): FrameMeaning {
    if (data.length === 0) return 'quiet'
    const frame = data.toString('latin1')
    if (this.#hasContent) {
      // Without parsing: deltas, and what only says again what deltas have said.
      if (event.endsWith('.delta')) return this.#readDelta(frame, data)
      if (event.endsWith('.done') && event !== 'response.output_item.done') return 'content'
    }
    const said = frameJson(data)
    if (!isJsonObject(said)) return this.#unreadable(event === 'error' ? readFrameProblem(said, data) : undefined)
    const { type } = said
    return this.#readEvent(event === 'error' || typeof type !== 'string' ? event : type, said, frame)
  }

  facts(): StreamFacts {
    return {
      usage: this.#usage,
      isUsageFinal: this.#usage !== undefined && this.#hasEnded && this.#isUsageFinal,
      service: this.#service,
      responseModel: this.#modelName,
      providerCostNanos: this.#costNanos,
      problem: this.#problem,
      isComplete: this.#hasEnded,
      textBytes: this.#textBytes,
      contentFrames: this.#contentFrames,
      ...this.#stored,
    }
  }

  #readDelta(frame: string, data: Buffer): FrameMeaning {
    let bytes = this.#text.bytesIn(frame)
    if (bytes === 0) {
      const said = frameJson(data)
      if (isJsonObject(said)) bytes = textBytesOf(said['delta'])
    }
    this.#generated(bytes)
    return 'content'
  }

  #readEvent(name: string, said: JsonObject, frame = ''): FrameMeaning {
    switch (name) {
      case 'response.completed':
      case 'response.incomplete':
        this.#noteResponse(said['response'])
        this.#hasEnded = true
        return 'end'
      case 'response.failed':
      case 'response.cancelled': {
        const reply = isJsonObject(said['response']) ? said['response'] : {}
        this.#noteResponse(reply)
        this.#problem ??= failureOf(reply)
        return 'error'
      }
      case 'error':
        this.#problem = readProviderProblem(undefined, isJsonObject(said['error']) ? said : errorIn(said))
        return 'error'
      case 'response.output_item.added':
      case 'response.output_item.done':
        return this.#readItem(name, said['item'])
      default:
        // A proxy's error in the envelope of a body.
        if (isJsonObject(said['error'])) return this.#readEvent('error', said)
        this.#noteResponse(said['response'])
        if (!name.endsWith('.delta')) return this.#opening()
        this.#hasContent = true
        this.#generated(this.#text.bytesIn(frame) || textBytesOf(said['delta']))
        return 'content'
    }
  }

  /** A message opens empty, and so does a thought; whatever else opens is something that a client can act on. */
  #readItem(name: string, item: Json | undefined): FrameMeaning {
    if (!isJsonObject(item)) return this.#opening()
    const isEmpty = item['type'] === 'message' || item['type'] === 'reasoning'
    if (name === 'response.output_item.added' ? !isEmpty : bytesOfItem(item) > 0) {
      // Of an item that never came in pieces, all is told by its end.
      if (!this.#hasContent || name === 'response.output_item.added') this.#generated(bytesOfItem(item))
      this.#hasContent = true
    }
    return this.#opening()
  }

  #opening(): FrameMeaning {
    return this.#hasContent ? 'content' : 'quiet'
  }

  /**
   * Before the answer has begun another target may still be tried; afterwards the client is as able to judge as we are.
   * @param problem that the frame tells as plain text.
   */
  #unreadable(problem?: UpstreamProblem): FrameMeaning {
    if (this.#hasContent && problem === undefined) return 'content'
    this.#problem = problem ?? invalidReply('a frame of the stream is no JSON object')
    return 'error'
  }

  #noteResponse(said: Json | undefined): void {
    if (!isJsonObject(said)) return
    const { usage, service, responseModel, providerCostNanos } = factsOf(said)
    this.#modelName ??= responseModel
    this.#service = service
    // The last event names all items; until it comes, the first one names the response.
    this.#stored = storedIn(said)
    if (usage === undefined) return
    this.#usage = usage
    this.#isUsageFinal = true
    this.#costNanos = providerCostNanos ?? this.#costNanos
  }

  #generated(bytes: number): void {
    if (bytes === 0) return
    this.#textBytes += bytes
    this.#contentFrames++
    this.#isUsageFinal = false
  }
}

/** OpenAI's description has the words beside the type; its recorded streams have them in an envelope. */
function errorIn({ code = null, message = null, param = null }: JsonObject): JsonObject {
  return { error: { code, message, param } }
}

const textKeys = ['"delta":"', '"delta": "'] as const
