import { CohereClientV2, CohereError, CohereTimeoutError } from 'cohere-ai'
import type { SdkCase } from './cases.ts'
import { isRecord, member, plain, type Driver, type Told, type ToldProblem } from './told.ts'

/** `cohere-ai`, as a program uses it. It has nothing that puts a stream together: its events are all it gives. */
export function cohereDriver(baseUrl: string, token: string): Driver {
  const client = new CohereClientV2({ environment: baseUrl, token, maxRetries: 0, timeoutInSeconds: 30 })
  return {
    ask: (one) => (one.isStream ? stream(client, one) : chat(client, one)),
    wholeOf: () => Promise.resolve(undefined),
    className: (status) => (status === undefined ? inBandName : (classNames[status] ?? 'CohereError')),
  }
}

async function chat(client: CohereClientV2, one: SdkCase): Promise<Told> {
  try {
    const { data, rawResponse } = await client.chat(parametersOf(one)).withRawResponse()
    const requestId = rawResponse.headers.get('x-request-id') ?? undefined
    return { pieces: [plain(data)], whole: undefined, problem: undefined, requestId }
  } catch (thrown) {
    return { pieces: [], whole: undefined, problem: problemOf(thrown), requestId: requestIdOf(thrown) }
  }
}

/** A generation that fails midway is told as the last event's reason; the SDK throws for nothing inside a stream. */
async function stream(client: CohereClientV2, one: SdkCase): Promise<Told> {
  const pieces: unknown[] = []
  let requestId: string | undefined
  try {
    const { data, rawResponse } = await client.chatStream(parametersOf(one)).withRawResponse()
    requestId = rawResponse.headers.get('x-request-id') ?? undefined
    for await (const event of data) {
      const problem = inBandProblem(event)
      if (problem !== undefined) return { pieces, whole: undefined, problem, requestId }
      pieces.push(plain(event))
    }
    return { pieces, whole: undefined, problem: undefined, requestId }
  } catch (thrown) {
    return { pieces, whole: undefined, problem: problemOf(thrown), requestId: requestId ?? requestIdOf(thrown) }
  }
}

type ChatParameters = Parameters<CohereClientV2['chat']>[0]

/** The bodies are as recorded; the SDK wants its own spelling of each key that it knows. */
function parametersOf({ body }: SdkCase): ChatParameters {
  const { stream: _isStream, ...others } = body
  const parameters: unknown = inCamelCase(others)
  if (!isParameters(parameters)) throw new TypeError('a recorded call of Cohere has neither a model nor messages')
  return parameters
}

function isParameters(value: unknown): value is ChatParameters {
  return isRecord(value) && typeof value['model'] === 'string' && Array.isArray(value['messages'])
}

/** Keys below these are the caller's own. */
const freeForm: ReadonlySet<string> = new Set(['parameters', 'json_schema', 'data'])

function inCamelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inCamelCase)
  if (!isRecord(value)) return value
  const members = Object.entries(value).map(([key, inner]) => [
    key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    freeForm.has(key) ? inner : inCamelCase(inner),
  ])
  return Object.fromEntries(members)
}

const inBandName = 'message-end'

function inBandProblem(event: unknown): ToldProblem | undefined {
  const delta = member(event, 'type') === 'message-end' ? member(event, 'delta') : undefined
  const reason = member(delta, 'finishReason')
  if (reason !== 'ERROR' && reason !== 'TIMEOUT') return undefined
  return {
    name: inBandName,
    isOfProvider: true,
    status: undefined,
    message: String(member(delta, 'error')),
    code: member(delta, 'error_type'),
    type: undefined,
    param: undefined,
  }
}

function problemOf(thrown: unknown): ToldProblem {
  const isOfProvider = thrown instanceof CohereError && thrown.statusCode !== undefined
  const body = thrown instanceof CohereError ? thrown.body : undefined
  const { message } = thrown instanceof Error ? thrown : new Error(String(thrown))
  const said = member(body, 'message')
  return {
    name: thrown instanceof Error ? thrown.constructor.name : 'Error',
    isOfProvider,
    status: isOfProvider ? thrown.statusCode : undefined,
    message: typeof said === 'string' ? said : thrown instanceof CohereTimeoutError ? 'timeout' : message,
    code: member(body, 'error_type'),
    type: undefined,
    param: member(body, 'param'),
  }
}

function requestIdOf(thrown: unknown): string | undefined {
  return thrown instanceof CohereError ? (thrown.rawResponse?.headers.get('x-request-id') ?? undefined) : undefined
}

/** cohere-ai 8.1.0, `api/errors`. */
const classNames: Readonly<Record<number, string>> = {
  400: 'BadRequestError',
  401: 'UnauthorizedError',
  403: 'ForbiddenError',
  404: 'NotFoundError',
  422: 'UnprocessableEntityError',
  429: 'TooManyRequestsError',
  498: 'InvalidTokenError',
  499: 'ClientClosedRequestError',
  500: 'InternalServerError',
  501: 'NotImplementedError',
  503: 'ServiceUnavailableError',
  504: 'GatewayTimeoutError',
}
