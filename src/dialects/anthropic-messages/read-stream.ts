import type { Call } from '../../canonical/call.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import type { FrameMeaning, StreamFacts, StreamReader, UpstreamProblem } from '../dialect.ts'
import { isAmazonProblemEvent, readAmazonStreamProblem } from '../vendors/amazon/problem.ts'
import { frameJson } from '../shared/frame-json.ts'
import { invalidReply, readFrameProblem, readProviderProblem } from '../shared/problems/provider-problem.ts'
import { TextFinder } from '../shared/text-bytes.ts'
import { bytesOfBlock, bytesOfDelta } from './generated-bytes.ts'
import { storedIdsIn, writtenFilesIn } from './read-container.ts'
import { serviceIn, updateCounts, usageOf, type SaidCounts } from './read-usage.ts'

export function openStream(_call: Call): StreamReader {
  return new MessageStreamReader()
}

/**
 * Listens to a stream of events. Only the few that open and close a message or a block are parsed; deltas, nearly all
 * frames, are told by their event's name, and their text is measured where it stands.
 */
class MessageStreamReader implements StreamReader {
  readonly #text = new TextFinder(textKeys)
  #counts: SaidCounts = {}
  #modelName: string | undefined
  /** Of the message that has begun. */
  #messageId: Json | undefined
  #problem: UpstreamProblem | undefined
  #hasContent = false
  #hasEnded = false
  /** A `message_delta` told the output, and nothing was generated after it. `message_start` knows only the input. */
  #isUsageFinal = false
  #textBytes = 0
  #contentFrames = 0
  #storedIds: readonly string[] = []
  #storedFileIds: readonly string[] | undefined

  read(event: string, data: Buffer): FrameMeaning {
    if (data.length === 0) return 'quiet'
    const frame = data.toString('latin1')
    // Clients go by the name in the data; some proxies send no event names at all.
    if (event === 'content_block_delta' || frame.startsWith(deltaOpening)) return this.#readDelta(frame, data)
    const said = frameJson(data)
    if (!isJsonObject(said) && event === 'error') return this.#failed(readFrameProblem(said, data))
    if (!isJsonObject(said)) return event === 'ping' ? this.#readEvent(event, {}) : this.#unreadable()
    const { type } = said
    return this.#readEvent(event === 'error' || typeof type !== 'string' ? event : type, said)
  }

  facts(): StreamFacts {
    const usage = usageOf(this.#counts)
    return {
      usage,
      mixesModels: this.#counts.mixesModels,
      service: serviceIn(this.#counts),
      isUsageFinal: usage !== undefined && this.#hasEnded && this.#isUsageFinal,
      responseModel: this.#modelName,
      providerCostNanos: undefined,
      problem: this.#problem,
      // A stop reason alone does not end it: what breaks off before its last frame was cut.
      isComplete: this.#hasEnded,
      textBytes: this.#textBytes,
      contentFrames: this.#contentFrames,
      storedIds: this.#storedIds,
      storedFileIds: this.#storedFileIds,
    }
  }

  #readDelta(frame: string, data: Buffer): FrameMeaning {
    let bytes = this.#text.bytesIn(frame)
    if (bytes === 0) {
      const said = frameJson(data)
      if (!isJsonObject(said)) return this.#unreadable()
      bytes = bytesOfDelta(said['delta'])
    }
    this.#generated(bytes)
    this.#hasContent = true
    return 'content'
  }

  #readEvent(name: string, said: JsonObject): FrameMeaning {
    switch (name) {
      case 'message_start': {
        const message = isJsonObject(said['message']) ? said['message'] : {}
        const { id = '', model: modelName } = message
        // Two answers spliced into one (recorded 2026): what was told of the first cannot be taken back, and both SDKs refuse it.
        if (this.#messageId !== undefined && this.#messageId !== id)
          return this.#failed(invalidReply('it began another message before the first had ended'))
        this.#messageId = id
        if (typeof modelName === 'string' && modelName !== '') this.#modelName ??= modelName
        this.#noteUsage(message)
        this.#noteContainer(message)
        return this.#opening()
      }
      case 'content_block_start': {
        const block = said['content_block']
        const bytes = bytesOfBlock(block)
        this.#generated(bytes)
        const files = isJsonObject(block) ? writtenFilesIn([block]) : undefined
        if (files) this.#storedFileIds = [...(this.#storedFileIds ?? []), ...files]
        // A text or a thought opens empty; whatever else opens is something that a client can act on.
        if (bytes > 0 || !isJsonObject(block) || !emptyOpenings.has(block['type'])) this.#hasContent = true
        return this.#opening()
      }
      case 'message_delta': {
        const delta = said['delta']
        const hadOutput = this.#noteUsage(said)
        this.#noteContainer(delta)
        if (hadOutput) this.#isUsageFinal = true
        this.#hasContent = true
        return 'content'
      }
      case 'message_stop':
        this.#hasEnded = true
        return 'end'
      case 'error':
        return this.#failed(readProviderProblem(undefined, said))
      default:
        // A proxy's error in OpenAI's shape.
        if (isJsonObject(said['error'])) return this.#readEvent('error', said)
        if (!isAmazonProblemEvent(name)) return this.#opening()
        // Bedrock breaks a stream off with an exception of its own.
        return this.#failed(readAmazonStreamProblem(name, said))
    }
  }

  #opening(): FrameMeaning {
    return this.#hasContent ? 'content' : 'quiet'
  }

  /** Before the answer has begun another target may still be tried; afterwards the client is as able to judge as we are. */
  #unreadable(): FrameMeaning {
    return this.#hasContent ? 'content' : this.#failed(invalidReply('a frame of the stream is no JSON object'))
  }

  #failed(problem: UpstreamProblem): FrameMeaning {
    this.#problem = problem
    return 'error'
  }

  /** @returns whether the usage was believed and told the output. */
  #noteUsage(holder: JsonObject): boolean {
    const said = holder['usage']
    const counts = isJsonObject(said) ? updateCounts(this.#counts, said) : undefined
    if (!isJsonObject(said) || counts === undefined) return false
    this.#counts = counts
    return typeof said['output_tokens'] === 'number'
  }

  /** Most often only the end of an answer tells it. */
  #noteContainer(holder: Json | undefined): void {
    const ids = storedIdsIn(holder)
    if (ids.length > 0) this.#storedIds = ids
  }

  #generated(bytes: number): void {
    if (bytes === 0) return
    this.#textBytes += bytes
    this.#contentFrames++
    this.#isUsageFinal = false
  }
}

const deltaOpening = '{"type":"content_block_delta"'
const textKeys = ['"text":"', '"partial_json":"', '"thinking":"'] as const
const emptyOpenings: ReadonlySet<unknown> = new Set(['text', 'thinking'])
