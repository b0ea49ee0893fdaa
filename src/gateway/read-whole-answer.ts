import type { Call } from '../canonical/call.ts'
import { GatewayError } from '../canonical/error.ts'
import { isJsonObject } from '../canonical/json.ts'
import type { Dialect, ReplyFacts, StreamFacts } from '../dialects/dialect.ts'
import type { FailureClass } from '../providers/provider.ts'
import { mediaTypeOf } from '../wire/media-type.ts'
import type { AnswerTranslator } from './answer-translator.ts'
import type { AnswerEar } from './guards/answer-ear.ts'
import type { AskedRest } from './provider-limits.ts'
import { readJson } from './read-json.ts'
import type { SentSecrets } from './sent-secrets.ts'
import { silence, unnamedSound } from './sound-source.ts'
import { refusedRedirect, toldProblem } from './told-problem.ts'

/** What an answer that came whole is for the client. */
export type WholeAnswer =
  | {
      readonly kind: 'told'
      readonly body: Buffer
      readonly facts: ReplyFacts
      readonly contentType?: string | undefined
    }
  /** Guards elsewhere are asked about it first. It has been made, and is billed as it says, whatever they find. */
  | {
      readonly kind: 'asked'
      /** Its body in the client's words, as the guards leave it. */
      told(ending: AbortSignal): Promise<Buffer>
      readonly facts: ReplyFacts
      readonly contentType?: string | undefined
    }
  | Failed

interface Failed {
  readonly kind: 'failed'
  readonly class: FailureClass
  readonly problem: GatewayError
  /** What it says it used, where it may not be shown. */
  readonly facts?: StreamFacts | undefined
}

/** What was asked, and how its answer is read. */
export interface WholeReading {
  readonly call: Call
  readonly dialect: Dialect
  readonly translator: AnswerTranslator | undefined
  readonly ear?: AnswerEar | undefined
}

export interface WholeHead {
  readonly status: number
  readonly header: (name: string) => string | undefined
  readonly rest: AskedRest | undefined
}

/** Reads a body that is complete, success or not. */
export function readWholeAnswer(
  body: Buffer,
  { status, header, rest }: WholeHead,
  secrets: SentSecrets,
  reading: WholeReading,
): WholeAnswer {
  if (status >= 300 && status < 400) return { kind: 'failed', class: 'refused', problem: refusedRedirect() }
  const { call, dialect, translator, ear } = reading
  const value = readJson(body)
  if (status < 200 || status >= 300) {
    const problem = toldProblem(dialect.readProblem(status, value, header), status, rest, secrets)
    return { kind: 'failed', class: 'refused', problem }
  }

  const { readBytes } = dialect
  const contentType = header('content-type') ?? ''
  const isUnnamed = contentType === '' && isJsonObject(value)
  if (readBytes && !isUnnamed && !/^application\/(?:[\w.+-]+\+)?json\b/i.test(contentType))
    return readBytesOf(body, contentType, readBytes(body), reading)

  if (value === undefined) return invalid('the answer is not valid JSON')
  const facts = dialect.readReply(value, header)
  if (facts.problem) return saidFailure(toldProblem(facts.problem, status, rest, secrets), unusable(facts))
  if (call.isStream && !readBytes) return invalid('a stream was asked for and none came')
  if (!isJsonObject(value)) return { kind: 'told', body, facts }
  const fault = dialect.faultIn?.(value, call)
  // It was made all the same, and is billed as it says.
  if (fault !== undefined) return { ...invalid(fault), facts: unusable(facts) }
  ear?.whole(value, body.length)
  const asked = translator?.asked
  if (asked) return { kind: 'asked', told: (ending) => asked.whole(value, billed(facts), ending), facts }
  return guarded(() => ({ kind: 'told', body: translator?.whole(value, billed(facts)) ?? body, facts }), facts)
}

/** The provider says that it failed. Where it says what it used all the same, that is billed: it was no mere refusal. */
export function saidFailure(problem: GatewayError, facts: StreamFacts | undefined): Failed {
  return facts?.isUsageFinal
    ? { kind: 'failed', class: 'partial', problem, facts }
    : { kind: 'failed', class: 'refused', problem }
}

/** Of an answer that was made and is billed as it says, but shown to nobody as it is. */
export function billed(facts: ReplyFacts): StreamFacts {
  return { ...facts, isUsageFinal: true, isComplete: true, contentFrames: 0 }
}

/** Plain text, subtitles, and sound that has no type: nothing that a browser would run is passed on. */
function readBytesOf(
  body: Buffer,
  contentType: string,
  facts: ReplyFacts,
  { call, translator, ear }: WholeReading,
): WholeAnswer {
  if (contentType === '' && call.operation === 'speech') {
    if (body.length === 0) return { kind: 'failed', class: 'partial', problem: silence() }
    return { kind: 'told', body, facts, contentType: unnamedSound }
  }
  if (!harmlessTypes.has(mediaTypeOf(contentType) ?? ''))
    return invalid('the answer is neither JSON, nor sound or text')
  ear?.whole({ text: body.toString('utf8') }, body.length)
  const asked = translator?.asked
  if (asked) return { kind: 'asked', told: (ending) => asked.text(body, ending), facts, contentType }
  return guarded(() => ({ kind: 'told', body: translator?.text(body) ?? body, facts, contentType }), facts)
}

/** A guardrail may block it. */
function guarded(write: () => WholeAnswer, facts: ReplyFacts): WholeAnswer {
  try {
    return write()
  } catch (thrown) {
    if (!(thrown instanceof GatewayError) || thrown.kind !== 'guardrail_blocked') throw thrown
    return { kind: 'failed', class: 'partial', problem: thrown, facts: billed(facts) }
  }
}

function invalid(what: string): Failed {
  return { kind: 'failed', class: 'partial', problem: new GatewayError('upstream_invalid', what) }
}

/** Of a whole answer that is shown to nobody. */
function unusable(facts: ReplyFacts): StreamFacts {
  return { ...facts, isUsageFinal: facts.usage !== undefined, isComplete: false, contentFrames: 0 }
}

const harmlessTypes: ReadonlySet<string> = new Set(['application/x-subrip', 'text/plain', 'text/vtt', 'text/srt'])
