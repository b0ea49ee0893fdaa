import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Usage } from '../../../canonical/usage.ts'
import type { FrameMeaning, StreamFacts, StreamReader, UpstreamProblem } from '../../dialect.ts'
import { frameJson } from '../../shared/frame-json.ts'
import { readProviderProblem } from '../../shared/problems/provider-problem.ts'
import { textBytesOf } from '../../shared/text-bytes.ts'

/** How the streams of one operation differ from those of the next. */
export interface MediaStream {
  /** `end`: its last event comes once. `may-end`: once for each of several things that are made. */
  readonly ending: Extract<FrameMeaning, 'end' | 'may-end'>
  usageOf(event: JsonObject): Usage | undefined
}

/**
 * Reads a stream of OpenAI's pictures, speech or transcripts: events whose `type` ends in `.delta` or the like while something is
 * made, and in `.done` or `.completed`, with the usage, when it is. Source: OpenAI API description 2.3.0, 2026-08.
 */
export function openMediaStream({ ending, usageOf }: MediaStream): StreamReader {
  let usage: Usage | undefined
  let problem: UpstreamProblem | undefined
  let isComplete = false
  let textBytes = 0
  let contentFrames = 0
  const read = (event: string, data: Buffer): FrameMeaning => {
    const said = frameJson(data)
    if (!isJsonObject(said)) return data.length === 0 ? 'quiet' : 'content'
    const type = typeof said['type'] === 'string' ? said['type'] : event
    if (type === 'error' || isJsonObject(said['error'])) {
      problem = readProviderProblem(undefined, said)
      return 'error'
    }
    if (/\.(?:done|completed)$/.test(type)) {
      usage = usageOf(said) ?? usage
      isComplete = true
      return ending
    }
    contentFrames += 1
    textBytes += Math.max(1, textBytesOf(said['delta']))
    return 'content'
  }
  const facts = (): StreamFacts => ({
    usage,
    isUsageFinal: isComplete && usage !== undefined,
    responseModel: undefined,
    providerCostNanos: undefined,
    problem,
    isComplete,
    textBytes,
    contentFrames,
  })
  return { read, facts }
}
