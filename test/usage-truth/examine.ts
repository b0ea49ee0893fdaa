import { cacheReadTokensOf, inputTokensOf, outputTokensOf, type Usage } from '../../src/canonical/usage.ts'
import type { Dialect, ReplyFacts, StreamFacts } from '../../src/dialects/dialect.ts'
import type { Recording } from '../corpus.ts'
import type { Answer } from './answers.ts'
import { components, truthOf, type Component, type Truth } from './truths.ts'
import { isObject, number, parsed, type WireFrame } from './wire.ts'

/** What one answer says it used, and where what we read of it differs. */
export interface Finding {
  readonly hasTruth: boolean
  readonly isStream: boolean
  /** A stream of which a recorder kept the whole message in one frame. */
  readonly isWholeInFrame: boolean
  readonly usage: Usage | undefined
  readonly isFinal: boolean
  readonly differences: readonly Difference[]
}

export interface Difference {
  readonly component: Component
  readonly said: number | undefined
  readonly read: number | undefined
}

export function examine(dialect: Dialect, answer: Answer, recording: Recording): Finding {
  const bodies = answer.kind === 'whole' ? [answer.body] : answer.frames.map(({ data }) => parsed(data))
  const facts: ReplyFacts & { readonly isUsageFinal?: boolean } =
    answer.kind === 'whole'
      ? dialect.readReply(answer.body, (name) => recording.response.headers[name])
      : readStream(dialect, answer.frames, recording)
  const truth = truthOf(dialect.name, bodies, recording.response.headers)
  return {
    hasTruth: truth !== undefined,
    isStream: answer.kind === 'stream',
    isWholeInFrame: answer.kind === 'whole' && answer.isInFrame,
    usage: facts.usage,
    isFinal: facts.isUsageFinal ?? true,
    differences: truth === undefined ? [] : differencesOf(truth, facts),
  }
}

function readStream(dialect: Dialect, frames: readonly WireFrame[], { request }: Recording): StreamFacts {
  const asked = isObject(request?.body) ? request.body : {}
  const body = {
    model: 'm',
    messages: [],
    input: [],
    contents: [],
    max_tokens: 1,
    stream: true,
    n: number(asked, 'n') ?? null,
    stream_options: null,
  }
  const reader = dialect.openStream(dialect.readCall(body))
  for (const { event, data } of frames) reader.read(event, Buffer.from(data))
  return reader.facts()
}

function differencesOf(truth: Truth, facts: ReplyFacts): readonly Difference[] {
  const read = numbersOf(facts)
  return components
    .map((component) => ({ component, said: truth[component], read: read?.[component] }))
    .filter(({ said, read: found }) => said !== undefined && said !== found)
}

function numbersOf({ usage, providerCostNanos }: ReplyFacts): Truth | undefined {
  return (
    usage && {
      input: inputTokensOf(usage),
      cached: cacheReadTokensOf(usage),
      cachedAudio: usage.cacheReadAudio,
      cachedImage: usage.cacheReadImage,
      written: usage.cacheWrite5m + usage.cacheWrite1h + usage.cacheWriteOther,
      written5m: usage.cacheWrite5m,
      written1h: usage.cacheWrite1h,
      output: outputTokensOf(usage),
      reasoning: usage.outputReasoning,
      webSearches: usage.webSearches,
      audioIn: usage.inputAudio,
      audioOut: usage.outputAudio,
      imageIn: usage.inputImage,
      imageOut: usage.outputImage,
      searches: usage.searches,
      images: usage.images,
      audioSeconds: usage.audioSeconds,
      ...(providerCostNanos !== undefined && { cost: Number(providerCostNanos) }),
    }
  )
}
