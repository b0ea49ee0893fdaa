import type { Call } from '../../canonical/call.ts'
import { isJsonObject, type JsonObject } from '../../canonical/json.ts'
import type { Service } from '../../canonical/service.ts'
import type { Usage } from '../../canonical/usage.ts'
import type { FrameMeaning, StreamFacts, StreamReader, UpstreamProblem } from '../dialect.ts'
import { frameJson } from '../shared/frame-json.ts'
import { invalidReply } from '../shared/problems/provider-problem.ts'
import { bytesOfDelta, bytesOfStart } from './generated-bytes.ts'
import { amazonProblemIn, isAmazonProblemEvent, readAmazonStreamProblem } from '../vendors/amazon/problem.ts'
import { modelNameIn, serviceIn, usageIn } from './read-reply.ts'

export function openStream(_call: Call): StreamReader {
  return new ConverseStreamReader()
}

/**
 * Listens to a stream of events, told apart by their names. `messageStop` tells why the answer ended, and `metadata`, most often
 * behind it, what was used: with both the stream is whole.
 */
class ConverseStreamReader implements StreamReader {
  #usage: Usage | undefined
  #modelName: string | undefined
  #service: Service | undefined
  #problem: UpstreamProblem | undefined
  #hasContent = false
  #hasStopReason = false
  #hasMetadata = false
  /** Something was generated after the usage was told: it does not cover all. */
  #isUsageStale = false
  #textBytes = 0
  #contentFrames = 0

  read(event: string, data: Buffer): FrameMeaning {
    if (data.length === 0) return 'quiet'
    const said = frameJson(data)
    if (isAmazonProblemEvent(event)) {
      this.#problem = readAmazonStreamProblem(event, said)
      return 'error'
    }
    if (!isJsonObject(said)) return this.#unreadable()
    return this.#readEvent(event, said)
  }

  facts(): StreamFacts {
    return {
      usage: this.#usage,
      isUsageFinal: this.#usage !== undefined && this.#hasStopReason && !this.#isUsageStale,
      service: this.#service,
      responseModel: this.#modelName,
      providerCostNanos: undefined,
      problem: this.#problem,
      isComplete: this.#hasStopReason,
      textBytes: this.#textBytes,
      contentFrames: this.#contentFrames,
    }
  }

  #readEvent(event: string, said: JsonObject): FrameMeaning {
    switch (event) {
      case 'messageStart':
        return this.#opening()
      case 'contentBlockStart':
        // A text and a thought open without this event; whatever else opens is something that a client can act on.
        this.#generated(bytesOfStart(said['start']))
        return this.#content()
      case 'contentBlockDelta':
        this.#generated(bytesOfDelta(said['delta']))
        return this.#content()
      case 'contentBlockStop':
        return this.#opening()
      case 'messageStop':
        this.#hasStopReason = true
        return this.#hasMetadata ? 'end' : this.#content()
      case 'metadata': {
        const usage = usageIn(said)
        if (usage) {
          this.#usage = usage
          this.#isUsageStale = false
        }
        this.#modelName ??= modelNameIn(said)
        this.#service = serviceIn(said)
        this.#hasMetadata = true
        return this.#hasStopReason ? 'end' : this.#opening()
      }
      default: {
        const problem = event === '' ? amazonProblemIn(said) : undefined
        if (problem === undefined) return this.#opening()
        this.#problem = problem
        return 'error'
      }
    }
  }

  #opening(): FrameMeaning {
    return this.#hasContent ? 'content' : 'quiet'
  }

  #content(): FrameMeaning {
    this.#hasContent = true
    return 'content'
  }

  /** Before the answer has begun another target may still be tried; afterwards the client is as able to judge as we are. */
  #unreadable(): FrameMeaning {
    if (this.#hasContent) return 'content'
    this.#problem = invalidReply('an event of the stream is no JSON object')
    return 'error'
  }

  #generated(bytes: number): void {
    if (bytes === 0) return
    this.#textBytes += bytes
    this.#contentFrames++
    this.#isUsageStale = true
  }
}
