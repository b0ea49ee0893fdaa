import type { Call } from '../../../canonical/call.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Nanos } from '../../../canonical/money.ts'
import { serviceOf, type Service } from '../../../canonical/service.ts'
import type { Usage } from '../../../canonical/usage.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import type { FrameMeaning, StreamFacts, StreamReader, UpstreamProblem } from '../../dialect.ts'
import { frameJson } from '../../shared/frame-json.ts'
import { readProviderCost } from '../../shared/provider-cost.ts'
import { invalidReply, readFrameProblem } from '../../shared/problems/provider-problem.ts'
import { TextFinder } from '../../shared/text-bytes.ts'
import { failureIn, holdsError, modelNameIn, usageSaid } from './reply.ts'
import { readUsage } from './usage.ts'

/** What a chunk's choices generated, in one of OpenAI's dialects. */
export interface ChunkText {
  /** Bytes of what was generated in all choices. */
  readonly bytesOf: (choices: Json | undefined) => number
  /** Where a search of a chunk's bytes finds its text, each with the opening quote, the most common one first. */
  readonly keys: readonly [string, ...string[]]
}

/**
 * Listens to a stream of chunks with choices: chat completions, and the completions before them. Until something was generated every frame is parsed, so that openings are known for what
 * they are; after it only frames that hold a usage, an error or an ending are. The others are told by a search of their
 * bytes, and the text in them is measured where it stands: a piece of text is a string, in which the marks that are
 * searched for cannot occur unescaped.
 */
export class ChunkStream implements StreamReader {
  readonly #choiceCount: number
  readonly #wantsUsage: boolean
  readonly #finished = new Set<number>()
  #usage: Usage | undefined
  #costNanos: Nanos | undefined
  #modelName: string | undefined
  /** As the last chunk tells it that was read. */
  #service: Service | undefined
  #problem: UpstreamProblem | undefined
  #hasEnded = false
  #hasContent = false
  #hasChoice = false
  /** Something was generated after the usage was told: it does not cover all. */
  #isUsageStale = false
  #textBytes = 0
  #contentFrames = 0
  readonly #bytesOf: ChunkText['bytesOf']
  readonly #text: TextFinder

  constructor(call: Call, { bytesOf, keys }: ChunkText) {
    this.#bytesOf = bytesOf
    this.#text = new TextFinder(keys)
    this.#choiceCount = call.choiceCount
    this.#wantsUsage = call.wantsStreamUsage
  }

  read(event: string, data: Buffer): FrameMeaning {
    if (data.length === 0) return 'quiet'
    const frame = data.toString('latin1')
    if (this.#hasContent && event !== 'error' && !mark.test(frame)) {
      const bytes = this.#text.bytesIn(frame)
      if (bytes > 0) this.#generated(bytes)
      // A piece in a place that is not searched, or an empty one: a parse tells.
      else if (isEnding(frame)) return this.#end()
      else this.#generated(this.#bytesOfChunk(data))
      return 'content'
    }
    return isEnding(frame) ? this.#end() : this.#readChunk(event, data)
  }

  facts(): StreamFacts {
    const hasFinished = this.#hasEnded || this.#finished.size >= this.#choiceCount
    const isUsageFinal = this.#usage !== undefined && hasFinished && !this.#isUsageStale
    return {
      usage: this.#usage,
      isUsageFinal,
      service: this.#service,
      responseModel: this.#modelName,
      providerCostNanos: this.#costNanos,
      problem: this.#problem,
      // Everyone recorded sends `[DONE]`. Of those who do not, the usage that comes last tells that they were not cut.
      isComplete: this.#hasEnded || isUsageFinal,
      textBytes: this.#textBytes,
      contentFrames: this.#contentFrames,
    }
  }

  #end(): FrameMeaning {
    // An empty answer has a choice too.
    if (!this.#hasChoice) {
      this.#problem = invalidReply('its stream ended without any choice')
      return 'error'
    }
    this.#hasEnded = true
    return 'end'
  }

  #readChunk(event: string, data: Buffer): FrameMeaning {
    const chunk = frameJson(data)
    if (!isJsonObject(chunk) && event !== 'error') return this.#unreadable()
    const said = isJsonObject(chunk) ? chunk : {}
    this.#modelName ??= modelNameIn(said)
    if (typeof said['service_tier'] === 'string') this.#service = serviceOf(said['service_tier'])
    const choices = said['choices']
    if (isJsonArray(choices) && choices.length > 0) this.#hasChoice = true
    const bytes = this.#bytesOf(choices)
    const hasFinished = this.#noteFinished(choices)
    this.#generated(bytes)
    const usage = usageSaid(said)
    if (usage) this.#noteUsage(usage)

    if (event === 'error' || holdsError(said)) {
      this.#problem = readFrameProblem(chunk, data)
      return 'error'
    }
    this.#problem = hasFinished ? failureIn(choices) : undefined
    if (this.#problem) return 'error'
    const isBare = !isJsonArray(choices) || choices.length === 0
    if (isJsonObject(said['usage']) && isBare && !this.#wantsUsage) return 'usage'
    if (bytes > 0 || hasFinished) this.#hasContent = true
    return this.#hasContent ? 'content' : 'quiet'
  }

  /** Before the answer has begun another target may still be tried; afterwards the client is as able to judge as we are. */
  #unreadable(): FrameMeaning {
    if (this.#hasContent) return 'content'
    this.#problem = invalidReply('a frame of the stream is no JSON object')
    return 'error'
  }

  #noteFinished(choices: Json | undefined): boolean {
    let hasFinished = false
    if (!isJsonArray(choices)) return false
    for (const choice of choices) {
      if (!isJsonObject(choice)) continue
      const { index, finish_reason: reason } = choice
      if (typeof reason !== 'string' || reason === '') continue
      hasFinished = true
      if (this.#finished.size < this.#choiceCount) this.#finished.add(typeof index === 'number' ? index : 0)
    }
    return hasFinished
  }

  #noteUsage(said: JsonObject): void {
    const usage = readUsage(said)
    if (usage === undefined) return
    this.#usage = usage
    this.#isUsageStale = false
    this.#costNanos = readProviderCost(said) ?? this.#costNanos
  }

  #bytesOfChunk(data: Buffer): number {
    const chunk = frameJson(data)
    return isJsonObject(chunk) ? this.#bytesOf(chunk['choices']) : 0
  }

  #generated(bytes: number): void {
    if (bytes === 0) return
    this.#textBytes += bytes
    this.#contentFrames++
    this.#isUsageStale = true
  }
}

/**
 * What a chunk holds that must be parsed: a usage that is an object (with `include_usage` every chunk has `"usage":null`),
 * a finish reason that is a string, an error. Without the first quote where it can be spared: a search for what is rare
 * is a third of the time.
 */
const mark = /usage"\s*:\s*\{|_reason"\s*:\s*"|"error"/

function isEnding(frame: string): boolean {
  return frame.startsWith('[DONE]')
}
