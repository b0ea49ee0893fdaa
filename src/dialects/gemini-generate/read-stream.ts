import type { Call } from '../../canonical/call.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import type { Service } from '../../canonical/service.ts'
import type { Usage } from '../../canonical/usage.ts'
import type { FrameMeaning, StreamFacts, StreamReader, UpstreamProblem } from '../dialect.ts'
import { frameJson } from '../shared/frame-json.ts'
import { invalidReply, readFrameProblem } from '../shared/problems/provider-problem.ts'
import { generatedBytes } from './generated-bytes.ts'
import { blockReasonOf, candidatesOf, failureIn, modelNameIn, serviceIn } from './read-reply.ts'
import { readUsage } from './read-usage.ts'
import { queriesIn, withSearches } from './searches.ts'

export function openStream(call: Call): StreamReader {
  return new GenerateStreamReader(call)
}

/**
 * Listens to a stream of answers, each with a part of the whole. There are few and large ones, and each tells the usage so far,
 * so every one is parsed. The stream has no frame of its own that ends it: a frame after which every candidate has a reason to
 * end may be the last, and only the end of the bytes tells. Where tools ran at Google, more may follow (recorded 2026).
 */
class GenerateStreamReader implements StreamReader {
  readonly #choiceCount: number
  readonly #finished = new Set<Json>()
  #usage: Usage | undefined
  /** By candidate: each grounding tells all queries so far. Few answers have one. */
  #queries: Map<Json, number> | undefined
  #modelName: string | undefined
  #service: Service | undefined
  #problem: UpstreamProblem | undefined
  #isBlocked = false
  #hasContent = false
  /** Something was generated after the usage was told: it does not cover all. */
  #isUsageStale = false
  #textBytes = 0
  #contentFrames = 0

  constructor(call: Call) {
    this.#choiceCount = call.choiceCount
  }

  read(event: string, data: Buffer): FrameMeaning {
    if (data.length === 0) return 'quiet'
    const said = frameJson(data)
    const chunk = Array.isArray(said) ? said[0] : said
    if (event === 'error' || (isJsonObject(chunk) && isJsonObject(chunk['error']))) {
      this.#problem = readFrameProblem(chunk, data)
      return 'error'
    }
    return isJsonObject(chunk) ? this.#readChunk(chunk) : this.#unreadable()
  }

  facts(): StreamFacts {
    const isComplete = this.#isComplete()
    return {
      usage: this.#queries ? withSearches(this.#usage, sumOf(this.#queries), this.#modelName) : this.#usage,
      isUsageFinal: this.#usage !== undefined && isComplete && !this.#isUsageStale,
      service: this.#service,
      responseModel: this.#modelName,
      providerCostNanos: undefined,
      problem: this.#problem,
      isComplete,
      textBytes: this.#textBytes,
      contentFrames: this.#contentFrames,
    }
  }

  #readChunk(chunk: JsonObject): FrameMeaning {
    this.#modelName ??= modelNameIn(chunk)
    for (const candidate of candidatesOf(chunk)) {
      this.#problem = this.#hasContent ? undefined : failureIn(candidate)
      if (this.#problem) return 'error'
      this.#readCandidate(candidate)
    }
    if (blockReasonOf(chunk) !== undefined) {
      this.#isBlocked = true
      this.#hasContent = true
    }
    const { usageMetadata } = chunk
    const usage = isJsonObject(usageMetadata) ? readUsage(usageMetadata) : undefined
    if (usage) {
      this.#usage = usage
      this.#service = serviceIn(chunk)
      this.#isUsageStale = false
    }
    if (this.#isComplete()) return 'may-end'
    return this.#hasContent ? 'content' : 'quiet'
  }

  #readCandidate(candidate: Json): void {
    const { index = 0, finishReason } = isJsonObject(candidate) ? candidate : {}
    const queries = queriesIn(candidate)
    if (queries > 0) {
      this.#queries ??= new Map()
      this.#queries.set(index, Math.max(queries, this.#queries.get(index) ?? 0))
    }
    const bytes = generatedBytes(candidate)
    if (bytes > 0) {
      this.#textBytes += bytes
      this.#contentFrames++
      this.#isUsageStale = true
      this.#hasContent = true
      this.#finished.delete(index)
    }
    if (!isReason(finishReason)) return
    this.#hasContent = true
    if (this.#finished.size < this.#choiceCount) this.#finished.add(index)
  }

  /** Before the answer has begun another target may still be tried; afterwards the client is as able to judge as we are. */
  #unreadable(): FrameMeaning {
    if (this.#hasContent) return 'content'
    this.#problem = invalidReply('a frame of the stream is no JSON object')
    return 'error'
  }

  #isComplete(): boolean {
    return this.#isBlocked || this.#finished.size >= this.#choiceCount
  }
}

function sumOf(counts: ReadonlyMap<Json, number>): number {
  return counts.values().reduce((sum, count) => sum + count, 0)
}

/** Told by its name; a clumsy client library tells its number. */
function isReason(said: Json | undefined): boolean {
  return (typeof said === 'string' && said !== '') || (typeof said === 'number' && said > 0)
}
