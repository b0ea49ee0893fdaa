import { ApiError, GoogleGenAI, type GenerateContentParameters, type GenerateContentResponse } from '@google/genai'
import type { SdkCase } from './cases.ts'
import { isRecord, member, plain, type Driver, type Told, type ToldProblem } from './told.ts'

/** `@google/genai`, as a program uses it. It has nothing that puts a stream together: its chunks are all it gives. */
export function genAiDriver(baseUrl: string, apiKey: string): Driver {
  const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl, retryOptions: { attempts: 1 }, timeout: 30_000 } })
  return {
    ask: (one) => (one.isStream ? stream(client, one) : generate(client, one)),
    wholeOf: () => Promise.resolve(undefined),
    className: () => 'ApiError',
  }
}

/** The bodies are as recorded, with fields that the SDK has no parameters for: it is told to send them as they are. */
function parametersOf({ body }: SdkCase): GenerateContentParameters {
  const { model, stream: _isStream, ...extraBody } = body
  return { model: String(model), contents: 'replaced', config: { httpOptions: { extraBody } } }
}

async function generate(client: GoogleGenAI, one: SdkCase): Promise<Told> {
  try {
    const answer = await client.models.generateContent(parametersOf(one))
    return { pieces: [piece(answer)], whole: undefined, problem: undefined, requestId: idIn(answer) }
  } catch (thrown) {
    return { pieces: [], whole: undefined, problem: problemOf(thrown), requestId: requestIdOf(thrown) }
  }
}

async function stream(client: GoogleGenAI, one: SdkCase): Promise<Told> {
  const pieces: unknown[] = []
  let requestId: string | undefined
  try {
    for await (const chunk of await client.models.generateContentStream(parametersOf(one))) {
      requestId ??= idIn(chunk)
      pieces.push(piece(chunk))
    }
    return { pieces, whole: undefined, problem: undefined, requestId }
  } catch (thrown) {
    return { pieces, whole: undefined, problem: problemOf(thrown), requestId: requestId ?? requestIdOf(thrown) }
  }
}

/** With what the SDK's getters make of it; without the headers, which are another server's through the gateway. */
function piece(answer: GenerateContentResponse): unknown {
  const { sdkHttpResponse: _http, ...said } = answer
  return plain({ ...said, functionCalls: answer.functionCalls })
}

function idIn(answer: GenerateContentResponse): string | undefined {
  return answer.sdkHttpResponse?.headers?.['x-request-id']
}

function problemOf(thrown: unknown): ToldProblem {
  const none = { code: undefined, type: undefined, param: undefined }
  if (!(thrown instanceof ApiError)) {
    const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown))
    return { name, isOfProvider: false, status: undefined, message, ...none }
  }
  const isInBand = thrown.message.startsWith(inBand)
  const error = errorIn(thrown)
  const [detail] = listIn(error, 'details')
  return {
    name: thrown.name,
    isOfProvider: true,
    status: isInBand ? undefined : thrown.status,
    message: String(member(error, 'message') ?? thrown.message),
    code: member(detail, 'reason'),
    type: undefined,
    param: member(detail, 'metadata', 'field'),
  }
}

const inBand = 'got status: '

/** The SDK gives the provider's body as its message. */
function errorIn({ message }: ApiError): unknown {
  const start = message.indexOf('{')
  const body: unknown = start < 0 ? undefined : JSON.parse(message.slice(start))
  return member(Array.isArray(body) ? body[0] : body, 'error')
}

function listIn(value: unknown, key: string): readonly unknown[] {
  const list = isRecord(value) ? value[key] : undefined
  return Array.isArray(list) ? list : []
}

function requestIdOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof ApiError)) return undefined
  const id = member(listIn(errorIn(thrown), 'details')[0], 'metadata', 'requestId')
  return typeof id === 'string' ? id : undefined
}
