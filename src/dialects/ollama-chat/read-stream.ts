import type { Call } from '../../canonical/call.ts'
import type { JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import type { Usage } from '../../canonical/usage.ts'
import type { FrameMeaning, StreamFacts, StreamReader, UpstreamProblem } from '../dialect.ts'
import { frameJson } from '../shared/frame-json.ts'
import { invalidReply, readFrameProblem } from '../shared/problems/provider-problem.ts'
import { TextFinder } from '../shared/text-bytes.ts'
import { generatedBytes } from './generated-bytes.ts'
import { holdsError, modelNameIn } from './read-reply.ts'
import { readUsage } from './read-usage.ts'

export function openStream(_call: Call): StreamReader {
  return new LineReader()
}

/**
 * Listens to a stream of lines. Once the answer has begun only those that may be the last one or an error are parsed; the text in
 * the others is measured where it stands.
 */
class LineReader implements StreamReader {
  #usage: Usage | undefined
  #modelName: string | undefined
  #problem: UpstreamProblem | undefined
  #isComplete = false
  #hasContent = false
  #textBytes = 0
  #contentFrames = 0
  readonly #text = new TextFinder(['"content":"', '"thinking":"', '"content": "', '"thinking": "'])

  read(event: string, data: Buffer): FrameMeaning {
    if (data.length === 0) return 'quiet'
    if (this.#hasContent && event !== 'error') {
      const line = data.toString('latin1')
      const bytes = mark.test(line) ? 0 : this.#text.bytesIn(line)
      if (bytes > 0) {
        this.#generated(bytes)
        return 'content'
      }
    }
    return this.#readLine(event, data)
  }

  facts(): StreamFacts {
    return {
      usage: this.#usage,
      isUsageFinal: this.#usage !== undefined && this.#isComplete,
      responseModel: this.#modelName,
      providerCostNanos: undefined,
      problem: this.#problem,
      isComplete: this.#isComplete,
      textBytes: this.#textBytes,
      contentFrames: this.#contentFrames,
    }
  }

  #readLine(event: string, data: Buffer): FrameMeaning {
    const line = frameJson(data)
    const said: JsonObject = isJsonObject(line) ? line : {}
    if (event === 'error' || holdsError(said)) {
      this.#problem = readFrameProblem(line, data)
      return 'error'
    }
    if (!isJsonObject(line)) {
      // Before the answer has begun another target may still be tried; afterwards the client is as able to judge as we are.
      if (this.#hasContent) return 'content'
      this.#problem = invalidReply('a line of the stream is no JSON object')
      return 'error'
    }
    this.#modelName ??= modelNameIn(said)
    this.#generated(generatedBytes(said['message']))
    if (said['done'] !== true) return this.#hasContent ? 'content' : 'quiet'
    this.#usage = readUsage(said)
    this.#isComplete = true
    return 'end'
  }

  #generated(bytes: number): void {
    if (bytes === 0) return
    this.#hasContent = true
    this.#textBytes += bytes
    this.#contentFrames++
  }
}

/** What a line holds that must be parsed. In a piece of text, which is a string, neither can stand unescaped. */
const mark = /"done"\s*:\s*true|"error"|"tool_calls"/
