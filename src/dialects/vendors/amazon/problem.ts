import { errorTable, type ErrorKind } from '../../../canonical/error.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { UpstreamProblem } from '../../dialect.ts'
import { readProviderProblem } from '../../shared/problems/provider-problem.ts'

/**
 * Bedrock tells the type of an error in a header, and in the body little more than a sentence. Another Weir names its kind there.
 * @param header of the answer, where there is one.
 */
export function readAmazonProblem(
  status: number,
  body: Json | undefined,
  header?: (name: string) => string | undefined,
): UpstreamProblem {
  const said = isJsonObject(body) ? body : {}
  const type = typeName(header?.('x-amzn-errortype') ?? said['__type'])
  if (isJsonObject(said['error']) || (type === undefined && kindIn(said) === undefined))
    return readProviderProblem(
      status,
      messageOf(said) === undefined ? body : { ...said, message: messageOf(said) ?? '' },
    )
  return problemOf(status, type, said)
}

/** An error in place of an answer, under a success status. */
export function amazonProblemIn(said: JsonObject): UpstreamProblem | undefined {
  const type = typeName(said['__type'])
  if (isJsonObject(said['error'])) return readProviderProblem(undefined, said)
  return type === undefined && kindIn(said) === undefined ? undefined : problemOf(undefined, type, said)
}

/** @param event such as `throttlingException`: the name of the type, in small. */
export function readAmazonStreamProblem(event: string, body: Json | undefined): UpstreamProblem {
  const said = isJsonObject(body) ? body : {}
  const isNamed = event !== 'error'
  const type = isNamed ? `${event.slice(0, 1).toUpperCase()}${event.slice(1)}` : typeName(said['code'])
  return problemOf(undefined, type, said)
}

export function isAmazonProblemEvent(event: string): boolean {
  return event === 'error' || event.endsWith('Exception')
}

function problemOf(status: number | undefined, type: string | undefined, said: JsonObject): UpstreamProblem {
  const kind = kindIn(said)
  const { param = null } = said
  const words = { message: messageOf(said) ?? '', code: kind ?? type ?? null, type: type ?? null, param }
  const byType = kind === undefined && type !== undefined ? statusesByType.get(type) : undefined
  return byType === undefined
    ? readProviderProblem(status, words)
    : readProviderProblem(undefined, { ...words, status: byType })
}

/** Without the namespace that some services put before it and the address behind it. */
function typeName(said: Json | undefined): string | undefined {
  if (typeof said !== 'string') return undefined
  const name = said.split(':')[0]?.split('#').at(-1) ?? ''
  return /^[A-Za-z]{1,100}$/.test(name) ? name : undefined
}

function kindIn({ reason }: JsonObject): ErrorKind | undefined {
  return Object.keys(errorTable).find((kind): kind is ErrorKind => kind === reason)
}

/** Some of Amazon's services write it large. */
function messageOf(said: JsonObject): string | undefined {
  return [said['message'], said['Message']].find((one) => typeof one === 'string')
}

/**
 * By what the type means, where its status says something else or, in a stream, there is none (Bedrock runtime service model,
 * 2023-09-30; Bedrock user guide, "Troubleshooting", read 2026-11).
 */
const statusesByType: ReadonlyMap<string, number> = new Map([
  ['AccessDeniedException', 403],
  ['ExpiredTokenException', 403],
  ['InvalidSignatureException', 403],
  ['IncompleteSignatureException', 403],
  ['MissingAuthenticationTokenException', 403],
  ['UnrecognizedClientException', 403],
  ['InternalServerException', 500],
  // The model failed, or gave something that is no answer.
  ['ModelErrorException', 502],
  ['ModelStreamErrorException', 502],
  ['ModelNotReadyException', 503],
  ['ModelTimeoutException', 504],
  ['ResourceNotFoundException', 404],
  ['ServiceQuotaExceededException', 429],
  ['ServiceUnavailableException', 503],
  ['ThrottlingException', 429],
  ['TooManyRequestsException', 429],
  ['ValidationException', 400],
])
