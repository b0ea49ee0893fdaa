import { errorTable, type ErrorKind } from '../../../src/canonical/error.ts'
import type { SdkCase } from './cases.ts'
import { isRecord, type Driver, type ToldProblem } from './told.ts'

/** How the provider's failure came to the SDK when there was no gateway. */
export interface DirectFailure {
  readonly status: number
  /** After part of an answer, so that it can only be told inside the stream. */
  readonly isInBand: boolean
  readonly problem: ToldProblem
}

/** How the failure that the gateway told differs from what the table of errors says of the provider's. */
export function problemDifferences(
  one: SdkCase,
  direct: DirectFailure,
  gateway: ToldProblem | undefined,
  driver: Driver,
): readonly string[] {
  if (gateway === undefined) return ['the problem was not told at all']
  const kind = gateway.code
  if (!isErrorKind(kind)) return [`the code ${JSON.stringify(kind)} is not in the table of errors`]
  const row = errorTable[kind]
  const status = direct.isInBand ? undefined : row.status
  const expected = {
    name: driver.className(status),
    isOfProvider: true,
    status,
    // Google's envelope has a word for the status, which says no more than the status does; Cohere's has none.
    type:
      one.api === 'generate' || one.api === 'cohere-chat'
        ? undefined
        : one.api === 'messages'
          ? row.anthropicType
          : row.openaiType,
    param: typeof direct.problem.param === 'string' ? direct.problem.param : gateway.param,
    message: messageFor(kind, one, direct, gateway.message),
  }
  const wrong = Object.entries(expected)
    .filter(([key, value]) => gateway[key as keyof typeof expected] !== value)
    .map(([key, value]) => `${key} is ${JSON.stringify(gateway[key as keyof typeof expected])}, not ${value}`)
  const isFitting = kindsByStatus[direct.status]?.includes(kind) ?? false
  return isFitting ? wrong : [...wrong, `${direct.status} was told as ${kind}`]
}

/**
 * What each status of a provider may mean for a client of ours, by its words. The statuses that clients see follow from the
 * table of errors: the provider's quarrel with our own key is no quarrel with the client's (502, not 401), and so on.
 */
const kindsByStatus: Readonly<Record<number, readonly ErrorKind[]>> = {
  // An error in a stream, or under a success status, has only its words.
  200: [
    'upstream_unavailable',
    'upstream_overloaded',
    'upstream_rejected',
    'upstream_rate_limited',
    'upstream_credential',
  ],
  400: ['upstream_rejected', 'context_length_exceeded', 'content_policy', 'model_not_found', 'upstream_credential'],
  401: ['upstream_credential'],
  402: ['upstream_credential'],
  403: ['upstream_credential', 'content_policy'],
  404: ['model_not_found'],
  408: ['upstream_timeout'],
  409: ['upstream_rejected'],
  413: ['request_too_large', 'upstream_rate_limited', 'context_length_exceeded'],
  422: ['upstream_rejected', 'context_length_exceeded', 'content_policy'],
  429: ['upstream_rate_limited', 'upstream_overloaded', 'upstream_credential'],
  500: ['upstream_unavailable', 'upstream_overloaded'],
  502: ['upstream_unavailable'],
  503: ['upstream_overloaded'],
  504: ['upstream_timeout'],
  529: ['upstream_overloaded'],
}

/**
 * The provider's own sentence, as the SDK finds it or in a place where the SDK does not look, without what tells who we
 * are there. Our own sentence where it gave none, where it speaks of our credential, and where it failed.
 */
function messageFor(kind: ErrorKind, one: SdkCase, direct: DirectFailure, found: string): string {
  const own = errorTable[kind].sentence
  if (kind === 'upstream_credential') return own
  if (kind === 'upstream_unavailable') {
    // Inside a stream there may be no status, or one that the frame names.
    const status = one.answer.status < 400 ? /\(status (5\d\d)\)$/.exec(found)?.[1] : one.answer.status
    return status === undefined ? 'the provider failed' : `the provider failed (status ${status})`
  }
  // What it says of such a failure is told only where it explains it.
  if (direct.status >= 500 && found === own) return own
  const sentences = stringsIn(one.answer.body.toString('utf8'))
  if (sentences.includes(direct.problem.message)) return masked(direct.problem.message)
  return sentences.map(masked).includes(found) ? found : own
}

/** The ids that quoted errors hold: their recorders put REDACTED in the place of the rest. */
function masked(sentence: string): string {
  return sentence.replace(/\borg[-_]REDACTED/g, '[masked]')
}

/** Every string value in a body, or in the data of its frames. */
function stringsIn(body: string): readonly string[] {
  const texts = body.split(/\r?\n/).map((line) => line.replace(/^data: ?/, ''))
  return [body, ...texts].flatMap((text) => {
    const found: string[] = []
    try {
      JSON.parse(text, (_key, value: unknown) => {
        if (typeof value === 'string') found.push(value)
        return value
      })
    } catch (thrown) {
      if (!(thrown instanceof SyntaxError)) throw thrown
      return []
    }
    return found
  })
}

function isErrorKind(kind: unknown): kind is ErrorKind {
  return typeof kind === 'string' && isRecord(errorTable) && kind in errorTable
}
