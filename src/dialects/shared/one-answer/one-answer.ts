import type { Call, Operation } from '../../../canonical/call.ts'
import { ExtentDraft } from '../../../canonical/extent.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Usage } from '../../../canonical/usage.ts'
import { readFlag, readModelName, refusal } from '../call-fields.ts'
import type { BodyEdit, Dialect, ReplyFacts, StreamReader } from '../../dialect.ts'
import { readProviderCost } from '../provider-cost.ts'
import { invalidReply, readProviderProblem } from '../problems/provider-problem.ts'

/** What a dialect of one question and one answer brings of its own. */
export interface OneAnswer
  extends
    Pick<Dialect, 'name' | 'operation' | 'writeProblem' | 'writeStreamProblem' | 'writeLimits' | 'readReply'>,
    Partial<
      Pick<
        Dialect,
        | 'address'
        | 'readExtent'
        | 'isFreeForm'
        | 'kept'
        | 'upstreamEdits'
        | 'embeddings'
        | 'rerank'
        | 'faultIn'
        | 'openStream'
        | 'readBytes'
        | 'takesForms'
      >
    > {
  /**
   * What of a call is not read alike everywhere.
   * @throws GatewayError `invalid_request` naming the field.
   */
  read(body: JsonObject): OwnWords
}

type OwnWords = Partial<
  Pick<
    Call,
    | 'modelName'
    | 'isStream'
    | 'endUser'
    | 'needs'
    | 'method'
    | 'most'
    | 'likely'
    | 'state'
    | 'unreadable'
    | 'inputCount'
  >
>

/**
 * A dialect of an operation that is one question and one answer: no output is capped, and nothing is streamed but where the dialect
 * brings a reader of its own. Everything that such dialects have in common is here, so that each is only its own fields.
 */
export function oneAnswer({ read, ...parts }: OneAnswer): Dialect {
  return {
    // All that is read stands in the body.
    readExtent: () => new ExtentDraft().done(),
    isFreeForm: () => false,
    upstreamEdits: renamed,
    openStream: () => openNoStream(parts.operation),
    ...parts,
    readCall: (body) => {
      if (!parts.openStream) refuseStream(parts.operation, body)
      return callOf(parts.operation, body, read(body))
    },
    outputCapEdits: () => [],
    readProblem: readProviderProblem,
    translation: undefined,
  }
}

function refuseStream(operation: Operation, body: JsonObject): void {
  if (readFlag(body, 'stream')) throw refusal('stream', `must not be true: ${operation} are not streamed`)
}

function callOf(operation: Operation, body: JsonObject, own: OwnWords): Call {
  return {
    operation,
    modelName: own.modelName ?? readModelName(body),
    isStream: false,
    outputCapTokens: undefined,
    choiceCount: 1,
    wantsStreamUsage: true,
    needs: noNeeds,
    endUser: undefined,
    ...own,
  }
}

function renamed(_body: JsonObject, call: Call, targetModelName: string): readonly BodyEdit[] {
  return targetModelName === call.modelName ? [] : [{ key: 'model', value: targetModelName }]
}

const noNeeds: Call['needs'] = new Set()

/** Nothing is ever streamed here: whatever a provider streams all the same is no answer. */
function openNoStream(operation: Operation): StreamReader {
  const facts = {
    ...answered(undefined),
    problem: invalidReply(`${operation} came as a stream`),
    isUsageFinal: false,
    isComplete: false,
    contentFrames: 0,
  }
  return { read: (_event, data) => (data.length === 0 ? 'quiet' : 'error'), facts: () => facts }
}

/** What is asked of an answer of one kind. */
export interface AnswerShape {
  /** What it holds where it is one, for the message when it holds none: `embeddings`. */
  readonly what: string
  isAnswer(reply: JsonObject): boolean
  usageOf(reply: JsonObject): Usage | undefined
}

/** Reads an answer with a success status: an error all the same, no answer at all, or what it tells of itself. */
export function readOneAnswer(body: Json, { what, isAnswer, usageOf }: AnswerShape): ReplyFacts {
  const reply = isJsonObject(body) ? body : {}
  const { usage: said, model: modelName, error } = reply
  const isError = isJsonObject(error) || typeof error === 'string' || reply['object'] === 'error'
  const usage = usageOf(reply)
  return {
    ...answered(usage),
    responseModel: typeof modelName === 'string' && modelName !== '' ? modelName : undefined,
    providerCostNanos: usage && isJsonObject(said) ? readProviderCost(said) : undefined,
    problem: isError
      ? readProviderProblem(undefined, reply)
      : isAnswer(reply)
        ? undefined
        : invalidReply(`it has no ${what}`),
  }
}

/** An answer that says nothing of itself. @param textBytes of it, where it is text. */
export function silentAnswer(textBytes: number): ReplyFacts {
  return { ...answered(undefined), textBytes }
}

function answered(usage: Usage | undefined): ReplyFacts {
  return { usage, responseModel: undefined, providerCostNanos: undefined, problem: undefined, textBytes: 0 }
}
