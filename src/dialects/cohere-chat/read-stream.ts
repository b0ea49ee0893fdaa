import type { Call } from '../../canonical/call.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import type { Usage } from '../../canonical/usage.ts'
import type { FrameMeaning, StreamFacts, StreamReader, UpstreamProblem } from '../dialect.ts'
import { frameJson } from '../shared/frame-json.ts'
import { invalidReply, readFrameProblem, readProviderProblem } from '../shared/problems/provider-problem.ts'
import { TextFinder } from '../shared/text-bytes.ts'
import { generatedBytes } from './generated-bytes.ts'
import { failureIn, reasonIn } from './read-ending.ts'
import { readUsage } from './read-usage.ts'

export function openStream(_call: Call): StreamReader {
  return new ChatStreamReader()
}

/**
 * Listens to a stream of events. Only the few that open and close something are parsed; deltas, nearly all frames, are told by
 * their type, and their text is measured where it stands. The answer is whole with `message-end`; Cohere sends a `[DONE]` after it
 * (recorded 2025-2026), which its description does not name and which those who stand between leave out.
 */
class ChatStreamReader implements StreamReader {
  readonly #text = new TextFinder(textKeys)
  #usage: Usage | undefined
  #problem: UpstreamProblem | undefined
  #hasContent = false
  #hasEnded = false
  #textBytes = 0
  #contentFrames = 0

  read(event: string, data: Buffer): FrameMeaning {
    if (data.length === 0) return 'quiet'
    const frame = data.toString('latin1')
    if (frame.trim() === '[DONE]') return this.#end()
    // Clients go by the type in the data; what stands between may leave the events' names out.
    if ((event === 'content-delta' || frame.startsWith(deltaOpening)) && !frame.includes('"logprobs"'))
      return this.#readDelta(frame, data)
    const said = frameJson(data)
    if (isJsonObject(said)) return this.#readEvent(event, said)
    return this.#unreadable(event === 'error' ? readFrameProblem(said, data) : undefined)
  }

  facts(): StreamFacts {
    return {
      usage: this.#usage,
      // A generation that failed says in its last event what it came to.
      isUsageFinal: this.#usage !== undefined && (this.#hasEnded || this.#problem !== undefined),
      responseModel: undefined,
      providerCostNanos: undefined,
      problem: this.#problem,
      isComplete: this.#hasEnded,
      textBytes: this.#textBytes,
      contentFrames: this.#contentFrames,
    }
  }

  #readDelta(frame: string, data: Buffer): FrameMeaning {
    let bytes = this.#text.bytesIn(frame)
    if (bytes === 0) {
      const said = frameJson(data)
      if (!isJsonObject(said)) return this.#unreadable()
      bytes = generatedBytes(messageOf(said))
    }
    this.#generated(bytes)
    this.#hasContent = true
    return 'content'
  }

  #readEvent(event: string, said: JsonObject): FrameMeaning {
    const { type = event, delta, error } = said
    if (event === 'error' || type === 'error' || isJsonObject(error)) {
      this.#problem = readProviderProblem(undefined, said)
      return 'error'
    }
    if (type === 'message-end') return this.#readEnding(isJsonObject(delta) ? delta : {})
    const bytes = generatedBytes(messageOf(said))
    this.#generated(bytes)
    // A text or a thought opens empty; a call opens with its name, and a delta is something that a client can act on.
    if (bytes > 0 || (typeof type === 'string' && type.endsWith('-delta'))) this.#hasContent = true
    return this.#hasContent ? 'content' : 'quiet'
  }

  #readEnding(delta: JsonObject): FrameMeaning {
    const problem = failureIn(delta)
    this.#usage = readUsage(delta['usage']) ?? this.#usage
    if (problem !== undefined) {
      this.#problem = problem
      return 'error'
    }
    if (reasonIn(delta) === undefined) return this.#hasContent ? 'content' : 'quiet'
    this.#hasContent = true
    this.#hasEnded = true
    return 'may-end'
  }

  #end(): FrameMeaning {
    this.#hasEnded = true
    return 'end'
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

  #generated(bytes: number): void {
    if (bytes === 0) return
    this.#textBytes += bytes
    this.#contentFrames++
  }
}

const deltaOpening = '{"type":"content-delta"'
const textKeys = ['"text":"', '"thinking":"'] as const

function messageOf({ delta }: JsonObject): Json | undefined {
  return isJsonObject(delta) ? delta['message'] : undefined
}
